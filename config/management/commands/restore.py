from django.core.management.base import BaseCommand, CommandError

from config.backing_up import BackupError
from config.restoring import restore


class Command(BaseCommand):
    help = "Restore a backup into the configured database, and prove that it is whole."
    requires_system_checks = []  # some of them ask the database that is about to be made

    def add_arguments(self, parser):
        """Which backup, and whether what is there may go."""
        parser.add_argument("folder", help="of the backup")
        parser.add_argument(
            "--replace", action="store_true", help="drop ALL that is in the database now"
        )

    def handle(self, *, folder, replace, **options):
        """Print progress; exit 1 with the reason, or with every fault found afterwards."""
        faults = 0
        try:
            for fault in restore(folder, self.stderr.write, replace):
                faults += 1
                self.stderr.write(fault)
        except BackupError as error:
            raise CommandError(str(error)) from None
        if faults:
            raise CommandError(f"{faults} faults")
        self.stdout.write("restored: rows, files, log and keys are those that were backed up")
