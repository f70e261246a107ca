"""Who else has a letter open now. Nothing is decided by it: a step is checked by `seen`."""

from datetime import timedelta

from django.db.models.functions import Now

from cases import worlds
from cases.models import Officer, Presence

_EXPIRES = timedelta(seconds=60)


def arrive(user, case):
    """Say that this officer has the letter open, and forget where they are no more."""
    Presence.objects.filter(officer=user, at__lt=Now() - _EXPIRES).delete()
    Presence.objects.bulk_create(
        [Presence(world=worlds.current().mark, case_id=case.pk, officer=user, at=Now())],
        update_conflicts=True,
        unique_fields=["world", "case_id", "officer"],
        update_fields=["at"],
    )


def leave(user, case):
    """Say that this officer has closed the letter."""
    _here().filter(case_id=case.pk, officer=user).delete()


def others(user, case):
    """Return the other officers who have the letter open."""
    there = _here().filter(case_id=case.pk).exclude(officer=user)
    return list(Officer.objects.filter(pk__in=there.values("officer")).select_related("unit"))


def taken(user):
    """Return the ids of the cases that someone else has open."""
    return set(_here().exclude(officer=user).values_list("case_id", flat=True))


def _here():
    return Presence.objects.filter(world=worlds.current().mark, at__gte=Now() - _EXPIRES)
