"""Sealing anew, under the current key, what older keys have sealed, so that those can go.

Rows are taken one by one beside whoever works, each by a conditional update: one that changed
meanwhile stays as it became, and is looked at the next time. Stopped anywhere, it goes on from there.
"""

import logging
from collections import Counter

from django.apps import apps
from django.db.models import Count

from cases import crypto, worlds, writers
from cases.models import World, Writer
from cases.models.base import DomainModel

log = logging.getLogger(__name__)

BATCH = 500


def sealed_models():
    """Return the models whose rows are sealed by cases/crypto.py: those with key_id and sealed."""
    models = apps.get_models()
    return [m for m in models if {"key_id", "sealed"} <= {f.name for f in m._meta.get_fields()}]


def held():
    """Return {key id: how many rows it has sealed}, of all tables and all worlds."""
    found = Counter()
    for models in _places():
        found += held_here(models)
    return dict(found)


def held_here(models=None):
    """Return {key id: how many rows it has sealed} as a Counter, of live and common tables."""
    found = Counter()
    for model in models or sealed_models():
        for row in _sealed(model).values("key_id").annotate(n=Count("pk")).order_by():
            found[row["key_id"]] += row["n"]
    return found


def current_fits():
    """Return whether the current key opens what is sealed under its id, of live and common tables.

    One row that was spoilt says nothing of the key.
    """
    current = crypto.key_ids()[0]
    found = [row for m in sealed_models() for row in m.objects.filter(key_id=current)[:20]]
    return not found or any(map(_opens, found))


def _opens(row):
    try:
        crypto.open_sealed(row.key_id, row.sealed)
    except crypto.SealError:
        return False
    return True


def rotate(everything=False):
    """Seal anew what other keys than the current one have sealed; yield the number after each batch.

    everything: what the current key has sealed too, whose blind indexes an older version of this
    program computed under the oldest key.
    """
    for models in _places():
        for model in models:
            yield from _rotate(model, everything)


def _rotate(model, everything):
    last, rows = None, _sealed(model).order_by("pk")
    if not everything:
        rows = rows.exclude(key_id=crypto.key_ids()[0])
    while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
        last = batch[-1].pk
        yield sum(_seal_anew(model, row) for row in batch)


def _seal_anew(model, row):
    """Seal one row anew; return 1, or 0 if it has changed meanwhile or cannot be opened."""
    try:
        content = crypto.open_sealed(row.key_id, row.sealed)
    except crypto.SealError as error:
        log.error("%s %s stays as it is: %s", model._meta.label, row.pk, error)
        return 0
    if model is Writer:
        columns = writers.columns(content)
    else:
        columns = dict(zip(("key_id", "sealed"), crypto.seal(content), strict=True))
    return model.objects.filter(pk=row.pk, sealed=bytes(row.sealed)).update(**columns)


def _sealed(model):
    return model.objects.exclude(key_id="")


def _places():
    """Yield the models to look at: all of them here, then those of letters inside each world."""
    models = sealed_models()
    yield models
    entered = {
        "ready": True,
        "fingerprint": worlds.fingerprint(worlds.LIVE_SCHEMA),
    }  # no others are
    for world in World.objects.filter(**entered).order_by("pk"):
        with worlds.enter(world):
            yield [model for model in models if issubclass(model, DomainModel)]
