from django.core.management.base import BaseCommand, CommandError

from cases import log, worlds
from cases.models import Case, World


class Command(BaseCommand):
    help = "Check the event log: chain, completeness, and that replay gives every case's state."

    def add_arguments(self, parser):
        """Name a run's world, or none for the live letters."""
        parser.add_argument("--world", help="schema of a run, for example run_3")

    def handle(self, *, world, **options):
        """Print each fault; exit 1 if there is any."""
        if world is None:
            return self._report()
        chosen = World.objects.filter(schema=world).first()
        if chosen is None:
            raise CommandError(f"no world {world}")
        with worlds.enter(chosen):
            return self._report()

    def _report(self):
        faults = 0
        for fault in log.check():
            faults += 1
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{faults} faults")
        self.stdout.write(f"{Case.objects.count()} cases, log whole, replay equals state")
