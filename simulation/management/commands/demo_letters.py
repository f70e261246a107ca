from django.core.management.base import BaseCommand

from simulation import demo_letters


class Command(BaseCommand):
    help = "Make some forty live letters in every state; nothing if there are letters already."

    def handle(self, **options):
        """Make them, and say how many."""
        self.stdout.write(f"{demo_letters.make()} demo letters")
