from datetime import date

from django.core.management.base import BaseCommand, CommandError

from cases.models import Officer
from simulation import practice
from simulation.models import Practice
from simulation.practice_pages import today


class Command(BaseCommand):
    help = "Make a practice world for an officer, here and now, without a worker."

    def add_arguments(self, parser):
        """Whose it is, on which day it stands, and how many letters it has."""
        parser.add_argument("officer", help="the user name")
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD; today by default")
        parser.add_argument("--letters", type=int, default=practice.LETTERS)
        parser.add_argument("--seed", type=int, help="the same gives the same letters")

    def handle(self, *, officer, day, letters, seed, **options):
        """Exit 0 when the world can be entered, 2 for bad arguments."""
        found = Officer.objects.select_related("unit").filter(username=officer).first()
        if found is None:
            raise CommandError(f"no officer {officer!r}", returncode=2)
        if not practice.FEWEST <= letters <= practice.MOST_LETTERS:
            limits = f"{practice.FEWEST} to {practice.MOST_LETTERS}"
            raise CommandError(f"--letters must be from {limits}", returncode=2)
        try:
            row = practice.ask(found, day or today(), letters, seed)
        except practice.PracticeRefused as refusal:
            raise CommandError(refusal.message, returncode=2) from None
        practice.make(row.pk)
        row = Practice.objects.select_related("world").get(pk=row.pk)
        self.stdout.write(f"{row.world.schema}: {row.world.name}, {row.get_status_display()}")
