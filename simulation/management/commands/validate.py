import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases import worlds
from cases.statistics import CHINA
from simulation import mailboxes, sources, validating, validation_page
from simulation import scenario as scenarios
from simulation.reader import ScenarioError

DEFAULT = "guangdong-2021"


class Command(BaseCommand):
    help = "Compare shapes of a simulated year with those of real mailboxes' files."

    def add_arguments(self, parser):
        """Scenario, seed, where the files are and where the page goes."""
        parser.add_argument("scenario", nargs="?", default=DEFAULT, help="a name or a TOML file")
        parser.add_argument(
            "--data",
            metavar="FOLDER",
            default=str(settings.BASE_DIR / "var" / "validation"),
            help="the files of real mailboxes; by default in var/validation",
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--output", metavar="FILE", help="the page, such as docs/validation.md")

    def handle(self, **options):
        """Exit 0 when all is compared, whatever the verdicts; 2 for bad arguments or no data."""
        output = options["output"] and Path(options["output"])
        if output and (output.is_dir() or not output.parent.is_dir()):
            raise CommandError(f"--output: {output} can't be written", returncode=2)
        if not 0 <= options["seed"] < 2**63:
            raise CommandError("--seed must be from 0 to 2^63 - 1", returncode=2)
        found = self._real(options["data"])
        try:
            text = sources.source(options["scenario"])
            scenario = scenarios.parse(text, options["scenario"])
        except ScenarioError as error:
            raise CommandError(str(error), returncode=2) from None
        log, consult = mailboxes.simulated(scenario, options["seed"])
        rows = validating.compare(found, log, consult)
        self.stdout.write(validation_page.summary(rows))
        if output:
            missing = [path for name, (path, _) in mailboxes.SOURCES.items() if name not in found]
            page = validation_page.render(
                rows, scenario.name, sources.fingerprint(text), options["seed"],
                worlds.now().astimezone(CHINA).date(), len(log), missing,
            )  # fmt: skip
            self._write(output, page)

    def _real(self, folder):
        if not os.path.isdir(folder):
            raise CommandError(
                f"there is no folder {folder}: no data to compare with", returncode=2
            )
        try:
            return mailboxes.real(folder)
        except mailboxes.DataError as error:
            raise CommandError(str(error), returncode=2) from None

    def _write(self, path, page):
        try:
            path.write_text(page, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=1) from None
        self.stdout.write(f"Wrote {path}")
