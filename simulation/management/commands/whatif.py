import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from cases.policy import PolicyError
from simulation import changing, comparing, local_workers, sources, studies, watching
from simulation.models import Study
from simulation.reader import ScenarioError

DEFAULT = "guangdong-2021"


class Command(BaseCommand):
    help = "Play a scenario beside a changed one, with shared random numbers; print what differs."

    def add_arguments(self, parser):
        """Scenario, changes, replications; or a study to go on with."""
        parser.add_argument("scenario", nargs="?", default=DEFAULT, help="a name or a TOML file")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a change: volume=2x, desk.staff=12, wrong_dispatch=0.1 (several are one what-if)",
        )
        parser.add_argument("--replications", type=int, default=10, help="of each side, 2 or more")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, help="start so many local workers for this")
        parser.add_argument("--json", metavar="FILE", help="write the differences there too")
        parser.add_argument("--resume", type=int, metavar="STUDY", help="go on with a what-if")

    def handle(self, **options):
        """Exit 0 when all replications are done, 1 otherwise, 2 for bad arguments."""
        study = self._resumed(options) if options["resume"] else self._made(options)
        with local_workers.chosen(options["workers"], self.stderr.write) as each_look:
            studies.start(study)
            try:
                study = watching.watch_study(study, each_look=each_look)
            except KeyboardInterrupt:
                raise CommandError(f"cancelled; {again(study)}", returncode=1) from None
            except ChildProcessError as error:
                raise CommandError(f"{error}; {again(study)}", returncode=1) from None
        if study.status != Study.DONE:
            raise CommandError(f"study {study.pk} {study.status}: {study.error}", returncode=1)
        self._report(study, options["json"])

    def _made(self, options):
        if options["replications"] < 2 or (options["workers"] or 1) < 1:
            raise CommandError("--replications must be at least 2, --workers 1", returncode=2)
        if not 0 <= options["seed"] < 2**63:
            raise CommandError("--seed must be from 0 to 2^63 - 1", returncode=2)
        try:
            changes = changing.parse_sets(options["set"])
            if not changes:
                raise CommandError("say what is changed: --set desk.staff=12", returncode=2)
            return studies.create(
                "what-if",
                sources.source(options["scenario"]),
                arms={comparing.BASE: {}, comparing.CHANGED: changes},
                seeds=studies.seeds(options["seed"], options["replications"]),
                scenario=options["scenario"],
                name=f"{options['scenario']}: {changing.said(changes)}"[:120],
                spec={"changes": changes},
            )
        except (ScenarioError, PolicyError) as error:
            raise CommandError(str(error), returncode=2) from None

    def _resumed(self, options):
        study = Study.objects.filter(pk=options["resume"], kind="what-if").first()
        if study is None or study.status == Study.DONE:
            raise CommandError(f"there is no unfinished what-if {options['resume']}", returncode=2)
        if not study.unfinished:
            studies.resume(study)
        return study

    def _report(self, study, json_file):
        arms = studies.by_arm(study)
        with translation.override("en"):
            rows = comparing.arms(arms[comparing.BASE], arms[comparing.CHANGED])
            self.stdout.write(
                f"{study.scenario}, with {changing.said(study.spec['changes'])}; "
                f"{len(arms[comparing.BASE])} replications of each"
            )
            self.stdout.write(comparing.as_text(rows, comparing.BASE, comparing.CHANGED))
            self.stdout.write("\n".join(["", *comparing.sentences(rows)]))
        if json_file:
            told = [{**vars(row), "better": row.better} for row in rows]
            with open(json_file, "w", encoding="utf-8") as file:
                json.dump({"study": study.pk, **study.spec, "rows": told}, file, indent=1)


def again(study):
    """Return how a study that was cut off is gone on with."""
    return f"go on with: whatif --resume {study.pk}"
