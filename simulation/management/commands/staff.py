import os
from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError

from cases import policy as policies
from cases.policy import PolicyError
from simulation import (
    asking,
    changing,
    local_workers,
    sources,
    staffing_report,
    studies,
    targets,
    watching,
)
from simulation import scenario as scenarios
from simulation.models import Study
from simulation.reader import ScenarioError
from simulation.searching import FEW, Unreachable

DEFAULT = "guangdong-2021"
KIND = "staff"


class Command(BaseCommand):
    help = "Find the smallest staffing with which a scenario's mailbox meets targets."

    def add_arguments(self, parser):
        """Scenario, targets, confidence, replications, changes, workers, what to go on with."""
        parser.add_argument("scenario", nargs="?", default=DEFAULT, help="a name or a TOML file")
        parser.add_argument(
            "--target",
            action="append",
            default=[],
            metavar="NAME>=VALUE",
            help="on_time>=0.99, first_contact_p90<=30m; repeatable",
        )
        parser.add_argument(
            "--confidence", type=float, default=0.95, help="that one more year meets each target"
        )
        parser.add_argument("--replications", type=int, default=10, help="of each staffing taken")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--workers", type=int, help="start so many local workers for this")
        parser.add_argument("--resume", type=int, metavar="ID", help="go on with this study")
        parser.add_argument("--output", metavar="FILE", help="write the scenario so staffed there")

    def handle(self, **options):
        """Exit 0 with a staffing that meets the targets, 1 if there is none, 2 for bad arguments."""
        self._check(options)
        study = self._study(options)
        wanted = targets.together(study.spec["targets"])
        try:
            with self._asker(study, options["workers"]) as ask:
                answer = staffing_report.answer(study, ask, wanted, self.stderr.write)
        except Unreachable as none:
            told = staffing_report.unreachable(wanted, none.best, study.spec["confidence"])
            best = staffing_report.best_reachable(wanted, none.best, study.spec["confidence"])
            studies.finish(study, {"unreachable": told, "best": best})
            raise CommandError(told, returncode=1) from None
        except asking.Stopped as stopped:
            raise CommandError(f"study {study.pk}: {stopped}", returncode=1) from None
        except KeyboardInterrupt:
            watching.cut_off(studies.cancel, study)
            told = f"cancelled; the same command, or --resume {study.pk}, goes on with it"
            raise CommandError(told, returncode=1) from None
        except ChildProcessError as error:
            studies.cancel(study)
            raise CommandError(f"study {study.pk}: {error}", returncode=1) from None
        studies.finish(study, answer.result())
        self.stdout.write(answer.as_text())
        self._write(options["output"], study, answer)

    def _check(self, options):
        output, workers = options["output"], options["workers"]
        wrong = {
            "--confidence must lie between 0.5 and 1": not 0.5 < options["confidence"] < 1,
            f"--replications must be from {FEW} to 1000": not FEW
            <= options["replications"]
            <= 1000,
            "--seed must be from 0 to 2^63 - 1": not 0 <= options["seed"] < 2**63,
            "--workers must be at least 1": workers is not None and workers < 1,
            f"--output: {output} can't be written": output
            and (os.path.isdir(output) or not os.path.isdir(os.path.dirname(output) or ".")),
        }
        for rule, broken in wrong.items():
            if broken:
                raise CommandError(rule, returncode=2)

    def _study(self, options):
        """Return the study to work on, running: a new one, or one that was cut off."""
        if options["resume"] is not None:
            return self._resumed(options["resume"])
        try:
            policies.load()
            targets.together(options["target"])
            sets = changing.parse_sets(options["set"])
            text = sources.source(options["scenario"])
            text = sources.changed(text, options["scenario"], sets) if sets else text
            scenarios.parse(text, options["scenario"])
        except (ScenarioError, PolicyError, targets.TargetError) as error:
            raise CommandError(str(error), returncode=2) from None
        spec = {
            "open": True,
            "targets": options["target"],
            "confidence": options["confidence"],
            "replications": options["replications"],
            "seed": options["seed"],
            "sets": sets,
        }
        name = options["scenario"]
        half = asking.unfinished(KIND, name, text, spec)
        if half:
            return self._resumed(half.pk)
        study = studies.create(KIND, text, arms={}, seeds=[], scenario=name, spec=spec)
        studies.start(study)
        self.stderr.write(f"Study {study.pk}")
        return study

    def _resumed(self, pk):
        study = Study.objects.filter(pk=pk, kind=KIND).first()
        if study is None:
            raise CommandError(f"--resume: there is no study {pk} of staffing", returncode=2)
        done, whole = studies.progress(study)
        self.stderr.write(
            f"Going on with study {pk}, which was {study.status} with {done} of {whole} "
            "replications done."
        )
        studies.resume(study)
        return study

    @contextmanager
    def _asker(self, study, workers):
        with local_workers.chosen(workers, self.stderr.write) as each_look:
            yield asking.Asker(study, study.spec["seed"], each_look)

    def _write(self, path, study, answer):
        if not path:
            return
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(sources.changed(study.text, study.scenario, answer.found.changes))
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=1) from None
        self.stdout.write(f"Wrote {path}")
