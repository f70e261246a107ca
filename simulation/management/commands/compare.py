from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from simulation import comparing
from simulation.models import Run


class Command(BaseCommand):
    help = "Print the figures of two finished runs side by side."

    def add_arguments(self, parser):
        """Two runs, by their numbers."""
        parser.add_argument("run", type=int, help="number of a run, as the list shows it")
        parser.add_argument("other", type=int)

    def handle(self, *, run, other, **options):
        """Exit 0, or 2 if one of them is no finished run."""
        one, two = (self._run(pk) for pk in (run, other))
        with translation.override("en"):
            for line in differences(one, two):
                self.stdout.write(line)
            rows = comparing.runs(one.report, two.report)
            self.stdout.write(comparing.as_text(rows, f"run {run}", f"run {other}", False))
        self.stdout.write(
            "One outcome each: a part of every difference is chance. whatif shows how much."
        )

    def _run(self, pk):
        found = Run.objects.filter(pk=pk, status=Run.DONE).first()
        if found is None:
            raise CommandError(f"there is no finished run {pk}", returncode=2)
        return found


def differences(one, two):
    """Return lines that say in what two runs differ by what they played."""
    lines = []
    for name in ("scenario", "letters", "seed", "changes"):
        ours, theirs = getattr(one, name), getattr(two, name)
        if ours != theirs:
            lines.append(f"{name}: {ours or 'none'} | {theirs or 'none'}")
    if one.scenario == two.scenario and one.text != two.text:
        lines.append("the scenario's text has changed between them")
    return lines or ["Both played the same; only chance could differ, and with one seed nothing."]
