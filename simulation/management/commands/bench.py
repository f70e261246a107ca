import logging
import time
from statistics import median

from django.core.management.base import BaseCommand, CommandError

from simulation import (
    arrivals,
    benchmark,
    desk_bench,
    engines,
    room,
    runs,
    scenario,
    search_bench,
    texts,
)
from simulation.models import Run

NAME = "guangdong-2021"
NETWORK_LETTERS = 93_300


class Command(BaseCommand):
    help = "Measure speed as ratios to a floor in the same run; prints medians of the rounds."

    def add_arguments(self, parser):
        """How much, and how often."""
        parser.add_argument("--letters", type=int, help="fewer letters, for a quick look")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--replications", type=int, default=20, help="0 leaves them out")
        parser.add_argument(
            "--scale", type=int, nargs="+", metavar="LETTERS", help="measure these sizes instead"
        )

    def handle(self, *, letters, rounds, replications, scale, **options):
        """Run what is asked; Ctrl-C cancels the run at hand."""
        try:
            if scale:
                self._scale(scale)
            else:
                self._all(letters, rounds, replications)
        except KeyboardInterrupt:
            raise CommandError("cancelled") from None
        except room.NoRoom as refusal:
            raise CommandError(refusal.in_english) from None

    def _all(self, letters, rounds, replications):
        """Run the rounds and print a line each, then the medians."""
        years, floors = [], []
        for number in range(1, rounds + 1):
            run, seconds, peak = self._year(letters, number)
            years.append(seconds)
            floors.append(benchmark.floor(run.world))
            self._say(
                f"round {number}: year {seconds:.2f} s, floor {floors[-1]:.2f} s, "
                f"ratio {seconds / floors[-1]:.2f}; "
                f"{run.letters / seconds:,.0f} letters/s, peak {peak:,.0f} MB a worker"
            )
            if number == rounds:
                self._desk(run.world)
                for line in search_bench.searches(run.world):
                    self._say(line)
            runs.delete(run)
        ratios = [one / other for one, other in zip(years, floors, strict=True)]
        self._say(f"year / floor: {median(ratios):.2f} (median)")
        if replications:
            seconds = benchmark.replications(NAME, replications)
            self._say(
                f"{replications} replications: {seconds:.2f} s, "
                f"{seconds / median(years):.2f} stored years"
            )
        self._engines()
        self._texts()

    def _scale(self, sizes):
        """Print time and peak memory for each number of letters, and the time a letter takes."""
        first = None
        for letters in sizes:
            run, seconds, peak = self._year(letters, seed=1)
            each = seconds / letters * 1e6
            first = first or each
            self._say(
                f"{letters:,} letters: {seconds:.2f} s, {each:.1f} µs each "
                f"({each / first:.2f} of the first), peak {peak:,.0f} MB a worker"
            )
            runs.delete(run)

    def _year(self, letters, seed):
        run, seconds, peak = benchmark.year(NAME, letters, seed=seed)
        if run.status != Run.DONE:
            raise CommandError(f"run {run.pk} {run.status}: {run.error}")
        return run, seconds, peak

    def _desk(self, world):
        """Print the speed of the officers' pages over a whole year's letters."""
        seconds = desk_bench.reading(world)
        self._say(f"the daybook read from the events: {seconds:.1f} s")
        self._say(f"{'page':22} {'reader':20} addresses     ms  target  floors  slowest address")
        logging.disable(logging.WARNING)  # pages that are only posted to are tried and refused too
        lists = desk_bench.lists(world)
        logging.disable(logging.NOTSET)
        for one in lists:
            times = f"{one.seconds * 1e3:6.0f} {one.target * 1e3:7.0f} {one.floors:7.0f}"
            self._say(f"{one.page:22} {one.reader:20} {one.addresses:9} {times}  {one.slowest}")

    def _engines(self):
        """Print the engine's speed on a network of queues beside SimPy's and Ciw's."""
        engines.ours(1000, seed=0)  # compiled code is loaded by now
        own = median(engines.ours(NETWORK_LETTERS, seed)[0] for seed in (1, 2, 3))
        simpy = median(engines.simpys(NETWORK_LETTERS, seed)[0] for seed in (1, 2, 3))
        ciw, _minutes = engines.ciws(NETWORK_LETTERS, seed=1)
        self._say(
            f"network of {NETWORK_LETTERS:,} letters: {own:.3f} s; SimPy {simpy:.2f} s, "
            f"{simpy / own:.0f} times; Ciw {ciw:.1f} s, {ciw / own:.0f} times"
        )

    def _texts(self):
        letters = arrivals.draw(scenario.load(NAME).scaled(20_000), 1)
        texts.warm_up()
        began = time.perf_counter()
        count = sum(1 for _words in texts.compose_arrivals(1, list(letters)))
        self._say(f"texts: {count / (time.perf_counter() - began):,.0f} letters/s")

    def _say(self, line):
        self.stdout.write(line)
        self.stdout.flush()
