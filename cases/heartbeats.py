"""Whether the queues of the workers move, told by the database alone."""

from datetime import timedelta

from django.db.models.functions import Now

from cases.models import Heartbeat

# Beat sends a heartbeat several times in this span; a restart of everything fits in it.
SILENT_AFTER = timedelta(minutes=3)


def beat(queue):
    """Note that this queue has just done a task."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(queue=queue, at=Now())],
        update_conflicts=True,
        unique_fields=["queue"],
        update_fields=["at"],
    )


def is_heard(queue):
    """Tell whether the queue has done a task lately."""
    return Heartbeat.objects.filter(queue=queue, at__gt=Now() - SILENT_AFTER).exists()
