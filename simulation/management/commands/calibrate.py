import os

from django.core.management.base import BaseCommand, CommandError

from simulation import calibrating, local_workers, sources, studies, watching
from simulation import scenario as scenarios
from simulation.reader import ScenarioError


class Command(BaseCommand):
    help = "Fit a scenario's free parameters to its tuned figures, and write a scenario file."

    def add_arguments(self, parser):
        """Scenario, replications a point, seed, workers, and the file to write."""
        parser.add_argument("scenario", help="a name or a TOML file")
        parser.add_argument(
            "--replications", type=int, default=20, help="of each point (default 20)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, help="start so many local workers for this")
        parser.add_argument(
            "--output", metavar="FILE", help="default: SCENARIO-calibrated.toml in this folder"
        )

    def handle(self, *, scenario, replications, seed, workers, output, **options):
        """Exit 0 if every tuned figure is met, 1 if not or if it fails, 2 for bad arguments."""
        name = os.path.basename(scenario).removesuffix(".toml")
        output = output or f"{name}-calibrated.toml"
        self._check(replications, seed, workers, output)
        try:
            text = sources.source(scenario)
            study = calibrating.create(text, scenario, seed)
        except ScenarioError as error:
            raise CommandError(str(error), returncode=2) from None
        with local_workers.chosen(workers, self.stderr.write) as each_look:
            fit = self._fit(study, replications, each_look)
        self.stdout.write("\n".join(calibrating.lines(fit, scenarios.parse(text, scenario))))
        command = f"./manage.py calibrate {name} --replications {replications} --seed {seed}"
        made = calibrating.written(scenario, fit, command)
        with open(output, "w", encoding="utf-8") as file:
            file.write(made)
        self.stdout.write(f"Written to {output}, after {fit.steps} steps.")
        if not fit.met:
            missed = ", ".join(fit.missed())
            raise CommandError(f"best reached; not met: {missed}", returncode=1)

    def _fit(self, study, replications, each_look):
        def watch(study):
            watching.watch_study(study, each_look=each_look)

        studies.start(study)
        try:
            return calibrating.fit(study, replications, watch)
        except KeyboardInterrupt:
            raise CommandError("cancelled", returncode=1) from None
        except (RuntimeError, ChildProcessError) as error:
            studies.cancel(study)
            raise CommandError(f"calibration failed: {error}", returncode=1) from None

    def _check(self, replications, seed, workers, output):
        folder = os.path.dirname(os.path.abspath(output))
        wrong = {
            "--replications must be from 1 to 1000": not 1 <= replications <= 1000,
            "--workers must be at least 1": workers is not None and workers < 1,
            "--seed must be from 0 to 2^63 - 1": not 0 <= seed < 2**63,
            "--output must end in .toml": not output.endswith(".toml"),
            f"--output: cannot write to {folder}": not os.access(folder, os.W_OK),
            f"--output: {output} is a folder": os.path.isdir(output),
        }
        for rule, broken in wrong.items():
            if broken:
                raise CommandError(rule, returncode=2)
