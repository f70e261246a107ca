"""That the workers' queues move: a row a queue, written over and over by its own task."""

from django.db import models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """When a queue last did the task that beat sends it again and again, by the database's clock.

    Stands in `public`: it is about the site's processes. It tells of beat, of the broker, of the
    queue and of its worker at once: where one of them is lost, it grows old.
    """

    queue = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return f"{self.queue} {self.at}"
