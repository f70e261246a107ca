from django.core.management.base import BaseCommand, CommandError

from config.backing_up import BackupError, backup


class Command(BaseCommand):
    help = "Back up the database and the attachments into a new folder, beside whoever works."

    def add_arguments(self, parser):
        """Where."""
        parser.add_argument("folder", help="in which a folder named after the time is made")

    def handle(self, *, folder, **options):
        """Print progress and the folder's name; exit 1 with the reason if it cannot be made."""
        try:
            made = backup(folder, self.stderr.write)
        except BackupError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(str(made))
