from django.core.management.base import BaseCommand, CommandError

from simulation import studies
from simulation.models import Study


class Command(BaseCommand):
    help = "List the studies; cancel one, or delete it."

    def add_arguments(self, parser):
        """What to do with which."""
        parser.add_argument("--cancel", type=int, metavar="ID")
        parser.add_argument(
            "--delete", type=int, metavar="ID", help="cancelled first if it goes on"
        )

    def handle(self, *, cancel, delete, **options):
        """Exit 0; 1 if there was nothing to cancel, 2 if there is no such study."""
        if cancel is not None and not studies.cancel(self._get(cancel)):
            raise CommandError(f"study {cancel} has ended", returncode=1)
        if delete is not None:
            study = self._get(delete)
            studies.cancel(study)
            study.refresh_from_db()
            studies.delete(study)
        if cancel is None and delete is None:
            self._list()

    def _get(self, pk):
        study = Study.objects.filter(pk=pk).first()
        if study is None:
            raise CommandError(f"there is no study {pk}", returncode=2)
        return study

    def _list(self):
        for study in Study.objects.all():
            done, whole = studies.progress(study)
            self.stdout.write(
                f"{study.pk:>5}  {study.kind:<10} {study.status:<10} {done:>5} of {whole:<5} "
                f"{study.created_at:%Y-%m-%d %H:%M}  {study.scenario}"
            )
