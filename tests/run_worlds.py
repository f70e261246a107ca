"""Small runs for the tests: a world with a few letters of made-up people."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from cases import actors, worlds
from cases.intake import intake
from cases.models import World
from tests.people import MORNING, submission

END = MORNING + timedelta(days=30)


def make_world(number=1, **changes):
    """Return the saved row of a world whose tables are not there yet."""
    fields = {
        "schema": f"run_{number}",
        "mark": f"R{number}",
        "starts_at": MORNING,
        "ends_at": END,
        "fingerprint": worlds.fingerprint("live"),
        "created_at": timezone.now(),
    }
    return World.objects.create(**{**fields, **changes})


def make_run(number=1, letters=2, load=None):
    """Return a sealed world with letters 1 to `letters`, made by simulated people."""
    world = make_world(number)
    worlds.create(world)
    with worlds.build(world):
        for letter in range(1, letters + 1):
            sent = submission(channel="simulation", person={}, writer_number=letter)
            intake(sent, actor=actors.simulated("citizen"), at=MORNING, letter_id=letter)
        if load:
            load()
    worlds.seal(world)
    return world


def path():
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return cursor.fetchone()[0]


def at_home():
    """Return whether this code is back among live letters, in every way."""
    return path().replace(" ", "") == "public,live" and worlds.current().live


def schemas():
    """Return the names of the schemas of all runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'run\\_%'")
        return {name for (name,) in cursor.fetchall()}
