import json
import os

from django.core.management.base import BaseCommand, CommandError

from simulation import checks, intervals, local_workers, printing, sources, studies, watching
from simulation import scenario as scenarios
from simulation.reader import ScenarioError

DEFAULT = "guangdong-2021"


class Command(BaseCommand):
    help = "Play a scenario many times, for the two intervals of each published figure."

    def add_arguments(self, parser):
        """Scenario, replications, seed, workers, and where the result goes."""
        parser.add_argument("scenario", nargs="?", default=DEFAULT, help="a name or a TOML file")
        parser.add_argument(
            "--replications", type=int, default=20, help="of each interval (default 20)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, help="start so many local workers for this")
        parser.add_argument("--json", metavar="FILE", help="write the table there too")
        parser.add_argument(
            "--ship", action="store_true", help="keep the intervals beside the program's scenarios"
        )

    def handle(self, *, scenario, replications, seed, workers, **options):
        """Exit 0 when all replications are done, 1 if not, 2 for bad arguments."""
        self._check(replications, seed, workers, options["json"])
        if options["ship"] and scenario not in sources.published_names():
            raise CommandError("--ship is for the program's own scenarios", returncode=2)
        try:
            text = sources.source(scenario)
            chosen = scenarios.parse(text, scenario)
            study = intervals.create(text, scenario, replications, seed)
        except ScenarioError as error:
            raise CommandError(str(error), returncode=2) from None
        with local_workers.chosen(workers, self.stderr.write) as each_look:
            found = self._play(study, each_look)
        rows = checks.replicated(chosen, found)
        self.stdout.write("\n".join(printing.replicated(chosen, found, rows)))
        if options["json"]:
            self._write(options["json"], {**found, "figures": rows})
        if options["ship"]:
            intervals.FOLDER.mkdir(exist_ok=True)
            self._write(intervals.FOLDER / f"{scenario}.json", found)

    def _play(self, study, each_look):
        def watch(study):
            watching.watch_study(study, each_look=each_look)

        studies.start(study)
        try:
            return intervals.finish(study, watch)
        except KeyboardInterrupt:
            raise CommandError("cancelled", returncode=1) from None
        except (RuntimeError, ChildProcessError) as error:
            studies.cancel(study)
            raise CommandError(f"study {study.pk} failed: {error}", returncode=1) from None

    def _check(self, replications, seed, workers, json_file):
        folder = os.path.dirname(os.path.abspath(json_file)) if json_file else "."
        wrong = {
            "--replications must be from 2 to 1000": not 2 <= replications <= 1000,
            "--workers must be at least 1": workers is not None and workers < 1,
            "--seed must be from 0 to 2^63 - 1": not 0 <= seed < 2**63,
            f"--json: cannot write to {folder}": json_file and not os.access(folder, os.W_OK),
            f"--json: {json_file} is a folder": json_file and os.path.isdir(json_file),
        }
        for rule, broken in wrong.items():
            if broken:
                raise CommandError(rule, returncode=2)

    def _write(self, path, found):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(found, file, ensure_ascii=False, indent=1)
            file.write("\n")
