import os
from datetime import date, timedelta

from django.core.management.base import BaseCommand, CommandError

from cases import worlds
from cases.refusals import Refusal
from cases.statistics import CHINA
from simulation import casebook, drawing, eventlogs, fitting, logfiles, runs, sources, writing
from simulation import scenario as scenarios
from simulation.models import Run
from simulation.reader import ScenarioError

BASE = "guangdong-2021"


class Command(BaseCommand):
    help = "Draw a scenario from the event log, and print how well it fits."

    def add_arguments(self, parser):
        """Span, log, base, and where to write."""
        parser.add_argument("--from", metavar="DATE", help="first day of receiving, 2026-01-31")
        parser.add_argument("--to", metavar="DATE", help="last day")
        parser.add_argument("--world", type=int, metavar="RUN", help="the log of a finished run")
        parser.add_argument(
            "--csv", metavar="FILE", help="another system's log: .csv, .xes, or .gz"
        )
        parser.add_argument(
            "--map",
            default="",
            metavar="case=COLUMN,…",
            help="columns of the CSV: case, activity, timestamp, resource; end=ACTIVITY that ends a case",
        )
        parser.add_argument("--base", default=BASE, help="where what no log holds comes from")
        parser.add_argument("--output", metavar="FILE", help="the TOML file; by default NAME.toml")
        parser.add_argument(
            "--replications", type=int, default=5, help="played for the fit, 2 or more"
        )

    def handle(self, **options):
        """Exit 0 when the scenario is written, 2 for bad arguments or too little to draw from."""
        output = options["output"]
        if options["replications"] < 2:
            raise CommandError("--replications must be at least 2", returncode=2)
        if output and (os.path.isdir(output) or not os.path.isdir(os.path.dirname(output) or ".")):
            raise CommandError(f"--output: {output} can't be written", returncode=2)
        if options["csv"] and options["world"] is not None:
            raise CommandError("--csv and --world are two logs: name one", returncode=2)
        try:
            base = sources.source(options["base"])
            cities = tuple(c.code for c in scenarios.parse(base, options["base"]).cities)
            book = self._book(options, cities)
            drawn = drawing.draw(book, base, options["base"], on_round=self._tell)
            scenario = drawn.scenario
        except (ScenarioError, logfiles.LogError) as error:
            raise CommandError(str(error), returncode=2) from None
        rows = fitting.compare(scenario, book, options["replications"])
        self._write(output or f"{scenario.name}.toml", drawn, book, rows)

    def _tell(self, number, rounds):
        self.stderr.write(f"Fitting, round {number} of {rounds}")

    def _book(self, options, cities):
        first, last = (self._day(options, name) for name in ("from", "to"))
        if options["csv"]:
            log = eventlogs.read(options["csv"], logfiles.parse_map(options["map"]))
            self.stdout.write(log.summary())
            return log.book(first, last, cities)
        if options["world"] is not None:
            return self._of_run(options["world"], first, last, cities)
        today = worlds.now().astimezone(CHINA).date()
        if first is None or last is None:
            raise CommandError("--from and --to are needed for the live log", returncode=2)
        if not first <= last <= today:
            raise CommandError("--from must not be after --to, nor --to after today", returncode=2)
        return casebook.of_log(first, last, cities)

    def _of_run(self, pk, first, last, cities):
        run = Run.objects.select_related("world").filter(pk=pk, status=Run.DONE).first()
        if run is None or run.world is None:
            raise CommandError(f"--world: there is no finished run {pk}", returncode=2)
        scenario = runs.scenario_of(run)
        end = scenario.start + timedelta(days=scenario.days - 1)
        first, last = first or scenario.start, last or end
        if not scenario.start <= first <= last <= end:
            raise CommandError(f"run {pk} goes from {scenario.start} to {end}", returncode=2)
        try:
            with worlds.enter(run.world):
                return casebook.of_log(first, last, cities)
        except Refusal:
            raise CommandError(
                f"run {pk} is of an older version: run it again", returncode=2
            ) from None

    def _day(self, options, name):
        text = options[name]
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise CommandError(
                f"--{name}: {text!r} is no date such as 2026-01-31", returncode=2
            ) from None

    def _write(self, path, drawn, book, rows):
        head = (
            f"Drawn from the log of {len(book):,} letters, by scenario_from_log.",
            "MEASURED: counted there, or moved until the scenario, played, gave what was measured.",
            f"PRIOR: not in a log, or seen too seldom; taken from {drawn.base}.",
            "",
        )
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(writing.as_toml(drawn.tree, drawn.measured, drawn.few, drawn.base, head))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=1) from None
        self.stdout.write(fitting.as_text(rows))
        self.stdout.write(
            f"{len(drawn.measured)} numbers measured, {len(drawn.few)} seen too seldom. Wrote {path}"
        )
