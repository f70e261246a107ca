from django.core.management.base import BaseCommand

from cases import recomputing, worlds


class Command(BaseCommand):
    help = "Compute the limits of all open cases anew, after a change of the rules or the calendar."

    def handle(self, **options):
        """Look at every open case; one whose limits move gets an event."""
        done = recomputing.recompute(worlds.now())
        self.stdout.write(f"{done.looked} open cases looked at, {done.changed} moved")
