from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases import anchors, log, worlds
from cases.models import Anchor, Case, World


class Command(BaseCommand):
    help = "Check the event log: chain, anchors, completeness, and that replay gives every case's state."

    def add_arguments(self, parser):
        """Name a run's world, or none for the live letters; lines of anchors kept elsewhere."""
        parser.add_argument("--world", help="schema of a run, for example run_3")
        parser.add_argument(
            "--against",
            metavar="FILE",
            help="a text with lines of anchors that were kept elsewhere",
        )

    def handle(self, *, world, against, **options):
        """Print each fault; exit 1 if there is any."""
        if world is None:
            return self._report(_kept(against) if against else ())
        if against:
            raise CommandError("runs have no anchors: give --world or --against")
        chosen = World.objects.filter(schema=world).first()
        if chosen is None:
            raise CommandError(f"no world {world}")
        with worlds.enter(chosen):
            return self._report()

    def _report(self, kept=()):
        faults = 0
        for fault in log.check(kept):
            faults += 1
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{faults} faults")
        self.stdout.write(f"{Case.objects.count()} cases, log whole, replay equals state")
        if worlds.current().live:
            held = f"{Anchor.objects.count()} anchors hold"
            self.stdout.write(f"{held}, {len(kept)} of them as kept elsewhere" if kept else held)


def _kept(name):
    try:
        return anchors.read_lines(Path(name).read_text(encoding="utf-8", errors="replace"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{name}: {error}") from None
