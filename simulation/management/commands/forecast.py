import json
import os

from django.core.management.base import BaseCommand, CommandError

from cases.policy import PolicyError
from simulation import changing, forecasts, local_workers, snapshot, studies, watching
from simulation.models import Study
from simulation.reader import ScenarioError

LISTED = 20


class Command(BaseCommand):
    help = "Go on from the open letters of today: backlog, days to clear, and what will be late."

    def add_arguments(self, parser):
        """How long, with which scenario, how often, and where to write it."""
        parser.add_argument("--weeks", type=int, help="by default 8, or as the calendar is known")
        parser.add_argument("--scenario", default=forecasts.DEFAULT, help="staff, work and chances")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--replications", type=int, default=forecasts.REPLICATIONS)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, help="start so many local workers for it")
        parser.add_argument("--json", metavar="FILE", help="write the forecast there too")

    def handle(self, *, replications, seed, workers, **options):
        """Exit 0 when the forecast is there, 1 if it failed, 2 for bad arguments."""
        file = options["json"]
        wrong = {
            "--replications must be from 2 to 1000": not 2 <= replications <= 1000,
            "--seed must be from 0 to 2^63 - 1": not 0 <= seed < 2**63,
            "--workers must be at least 1": workers is not None and workers < 1,
            f"--json: {file} can't be written": file
            and (os.path.isdir(file) or not os.path.isdir(os.path.dirname(os.path.abspath(file)))),
        }
        for rule, broken in wrong.items():
            if broken:
                raise CommandError(rule, returncode=2)
        try:
            study = forecasts.create(
                options["scenario"],
                weeks=options["weeks"],
                changes=changing.parse_sets(options["set"]),
                replications=replications,
                seed=seed,
            )
        except (ScenarioError, PolicyError) as error:
            raise CommandError(str(error), returncode=2) from None
        self._tell(self._played(study, workers), file)

    def _played(self, study, workers):
        with local_workers.chosen(workers, self.stderr.write) as each_look:
            studies.start(study)
            try:
                study = watching.watch_study(study, each_look=each_look)
            except KeyboardInterrupt:
                raise CommandError("cancelled", returncode=1) from None
            except ChildProcessError as error:
                studies.cancel(study)
                raise CommandError(str(error), returncode=1) from None
        if study.status != Study.DONE:
            raise CommandError(f"the forecast {study.status}: {study.error}", returncode=1)
        return study

    def _tell(self, study, file):
        told = forecasts.told(study)
        if file:
            with open(file, "w", encoding="utf-8") as out:
                json.dump(told, out, ensure_ascii=False, indent=1)
        self.stdout.write(as_text(told))


def as_text(told):
    """Return a forecast for the terminal."""
    since = "of the last 28 days" if told["measured"] else "of the scenario"
    n, opened, old = told["replications"], told["open"], told["old"]
    with_what = f"{told['scenario']} at {told['daily']:.1f} letters a day ({since})"
    lines = [
        f"{told['backlog']:,} letters are open, {told['late_now']:,} of them late already.",
        f"{told['weeks']} weeks on, with {with_what}; {n} replications, of which intervals hold 95 %.",
        f"{'Day ends':12} {'open':>8} {'':>19} {'of today’s':>10}",
    ]
    for day in sorted({0, 1, 2, 3, *range(6, len(told["days"]), 7)}):
        low, middle, high = (opened[key][day] for key in ("low", "middle", "high"))
        lines.append(
            f"{told['days'][day]:12} {middle:8,.0f} {f'{low:,.0f} – {high:,.0f}':>19} "
            f"{old['middle'][day]:10,.0f}"
        )
    return "\n".join([*lines, _cleared(told), *_late(told), *_left_out(told)])


def _cleared(told):
    if not told["backlog"]:
        return "No letter is open now: all of these are letters to come."
    beyond = f"after day {7 * told['weeks']}"
    days = {name: beyond if day is None else f"{day:.0f}" for name, day in told["cleared"].items()}
    return (
        f"The last of today's letters is answered on day {days['middle']} "
        f"({days['low']} – {days['high']})."
    )


def _left_out(told):
    found = told["answered"]
    if not found:
        return
    yield (
        f"Left out: {found['waiting']:,} letters that are answered and not closed; some may be "
        f"reopened. Of {found['replied']:,} answered in the last {snapshot.ANSWERED_DAYS} days "
        f"{found['reopened']:,} were."
    )


def _late(told):
    late, new = told["late"], told["late_new"]
    yield (
        f"If nothing changes {late['middle']:.0f} of today's will become late "
        f"({late['low']:.0f} – {late['high']:.0f}), and {new['middle']:.0f} of those to come "
        f"({new['low']:.0f} – {new['high']:.0f})."
    )
    for row in told["cases"][:LISTED]:
        yield f"  case {row['case']}: late in {row['late']:.0%} of the replications"
    if len(told["cases"]) > LISTED:
        yield f"  … and {len(told['cases']) - LISTED} more (--json FILE lists all)"
