"""Take an officer's lost device away from the server's own shell, for an administrator who is alone."""

from django.core.management.base import BaseCommand, CommandError

from cases import second_factor
from cases.models import Officer
from cases.officer_admin import reset


class Command(BaseCommand):
    """The next sign-in binds another device. The history says, under the officer, that it was done here."""

    help = "Unbind an officer's device for one-time passwords and end the officer's sessions."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="kept in the officer's history")

    def handle(self, *args, username, reason, **options):
        officer = Officer.objects.filter(username=username).first()
        if officer is None or second_factor.of(officer) is None:
            raise CommandError(f"{username}: no such officer, or no device is bound")
        reset(officer, officer, f"manage.py reset_second_factor: {reason}")
        self.stdout.write(f"{username}: unbound; the next sign-in binds another device")
