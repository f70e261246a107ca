import json
import os
from contextlib import suppress

from django.core.management.base import BaseCommand, CommandError

from cases.policy import PolicyError
from simulation import changing, local_workers, printing, room, runs, watching
from simulation.models import Run
from simulation.reader import ScenarioError

DEFAULT = "guangdong-2021"


class Command(BaseCommand):
    help = "Simulate a scenario's letters with Celery workers, and print the report."

    def add_arguments(self, parser):
        """Scenario, size, seed, workers, and where to write the report as JSON."""
        parser.add_argument("scenario", nargs="?", default=DEFAULT, help="a name or a TOML file")
        parser.add_argument(
            "--letters", type=int, help="scale arrivals and staff to so many letters"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, help="start so many local workers for this run")
        parser.add_argument("--json", metavar="FILE", help="write the report there too")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="change the scenario: volume=2x, desk.staff=12, outcomes.done=+5%%",
        )
        parser.add_argument(
            "--once", action="store_true", help="do nothing if this scenario has been simulated"
        )

    def handle(self, *, scenario, letters, seed, workers, **options):
        """Exit 0 when all shards are loaded and the books balance, 1 otherwise, 2 for bad arguments."""
        json_file = options["json"]
        self._check(letters, seed, workers, json_file)
        if options["once"] and Run.objects.filter(scenario=scenario, status=Run.DONE).exists():
            self.stdout.write(f"{scenario} has been simulated")
            return
        try:
            changes = changing.parse_sets(options["set"])
            run = runs.create(scenario, letters=letters, seed=seed, changes=changes)
        except (ScenarioError, PolicyError) as error:
            raise CommandError(str(error), returncode=2) from None
        except room.NoRoom as refusal:
            raise CommandError(refusal.in_english, returncode=1) from None
        with local_workers.chosen(workers, self.stderr.write) as each_look:
            runs.start(run)
            try:
                run = watching.watch(run, each_look=each_look)
            except KeyboardInterrupt:
                raise CommandError("cancelled", returncode=1) from None
            except ChildProcessError as error:
                runs.fail(run.pk, str(error))
                raise CommandError(f"run {run.pk} failed: {error}", returncode=1) from None
            self._report(run, json_file)
            self._make_findable(run)

    def _make_findable(self, run):
        """Do what the first search would wait for: workers that end with this command may not."""
        self.stderr.write("Making its letters findable; Ctrl-C leaves that to the first search.")
        with suppress(KeyboardInterrupt):
            runs.make_findable(run.pk)

    def _check(self, letters, seed, workers, json_file):
        wrong = {
            "--letters must be at least 1": letters is not None and letters < 1,
            "--letters must be at most 2^31 - 1": letters is not None and letters >= 2**31,
            "--workers must be at least 1": workers is not None and workers < 1,
            "--seed must be from 0 to 2^63 - 1": not 0 <= seed < 2**63,
            f"--json: no folder for {json_file}": json_file
            and not os.path.isdir(os.path.dirname(os.path.abspath(json_file))),
            f"--json: {json_file} is a folder": json_file and os.path.isdir(json_file),
        }
        for rule, broken in wrong.items():
            if broken:
                raise CommandError(rule, returncode=2)

    def _report(self, run, json_file):
        if run.status != Run.DONE:
            raise CommandError(
                f"run {run.pk} {run.status}: {run.error or 'no report'}", returncode=1
            )
        self.stdout.write(printing.as_text(run.report))
        if json_file:
            with open(json_file, "w", encoding="utf-8") as file:
                json.dump(run.report, file, ensure_ascii=False, indent=1)
        if not run.report["balanced"]:
            raise CommandError("the books do not balance", returncode=1)
