"""Versions of the policy for tests: the shipped text with some values changed."""

from datetime import timedelta

import tomlkit

from cases import in_force, policy
from cases.models import Officer, PolicyVersion
from tests.people import build_officer

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def rules(**changes):
    """Return the shipped policy's text with values changed: {"city.default.reply": "10d"}."""
    document = tomlkit.parse(policy.DEFAULT_PATH.read_text("utf-8"))
    for key, value in changes.items():
        *tables, last = key.split(".")
        place = document
        for name in tables:
            place = place[name]
        place[last] = value
    return tomlkit.dumps(document)


def put(valid_from, **changes):
    """Save a version that comes into force at a moment, known to this process at once."""
    version = PolicyVersion.objects.create(
        text=rules(**changes),
        valid_from=valid_from,
        note="试行",
        made_by=Officer.objects.order_by("pk").first() or build_officer(),
        made_at=valid_from,
    )
    in_force.forget()
    return version
