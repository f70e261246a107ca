from django.core.management.base import BaseCommand

from cases import deadlines, worlds


class Command(BaseCommand):
    help = "Urge late cases, give cards, and close what the citizen has left in silence."

    def handle(self, **options):
        """Run the scan until nothing is due."""
        total = 0
        while count := deadlines.scan(worlds.now()):
            total += count
        self.stdout.write(f"{total} steps taken")
