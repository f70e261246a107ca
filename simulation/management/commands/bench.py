import time

from django.core.management.base import BaseCommand, CommandError

from simulation import arrivals, benchmark, runs, scenario, texts
from simulation.models import Run


class Command(BaseCommand):
    help = "Measure speed as ratios to a floor in the same run; prints medians of the rounds."

    def add_arguments(self, parser):
        """How much, and how often."""
        parser.add_argument("--letters", type=int, help="fewer letters, for a quick look")
        parser.add_argument("--rounds", type=int, default=3)

    def handle(self, *, letters, rounds, **options):
        """Run the rounds and print a line each, then the medians."""
        ratios = []
        for number in range(1, rounds + 1):
            run, seconds, peak = benchmark.year("guangdong-2021", letters, seed=number)
            if run.status != Run.DONE:
                raise CommandError(f"run {run.pk} {run.status}: {run.error}")
            floor = benchmark.floor(run.world)
            ratios.append(seconds / floor)
            self.stdout.write(
                f"round {number}: year {seconds:.2f} s, floor {floor:.2f} s, ratio {ratios[-1]:.2f}; "
                f"{run.letters / seconds:,.0f} letters/s, peak {peak:,.0f} MB a worker"
            )
            self.stdout.flush()
            runs.delete(run)
        self.stdout.write(f"year / floor: {sorted(ratios)[len(ratios) // 2]:.2f} (median)")
        self._texts()

    def _texts(self):
        chosen = scenario.load("guangdong-2021")
        letters = list(arrivals.draw(chosen, 1))[:20_000]
        began = time.perf_counter()
        count = sum(1 for _words in texts.compose_arrivals(1, letters))
        self.stdout.write(f"texts: {count / (time.perf_counter() - began):,.0f} letters/s")
