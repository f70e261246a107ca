"""Mentions (提醒): officers named by @ in an internal note are told, if they see the letter at all."""

import re
from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.functions import Concat, Lower

from cases import access
from cases.models import Mention, Officer

# After a letter or a digit it is an e-mail address.
_NAMED = re.compile(r"(?<![0-9A-Za-z._-])[@＠]([^\s@＠]{1,40})")
_USERNAME = re.compile(r"[A-Za-z0-9_.+-]*[A-Za-z0-9_]")
_MOST = 20


@dataclass(frozen=True)
class Named:
    """Who is named in a note: officers who see the letter, and names that reach nobody.

    blind: those of officers who don't see the letter. unknown: those of nobody.
    """

    officers: tuple
    blind: tuple
    unknown: tuple


def named_in(text, case):
    """Return the Named of a note on a case. A name that several officers have means all who see it."""
    typed = [found.rstrip("，。；：、！？,;:!?") for found in _NAMED.findall(text)[:_MOST]]
    known = _officers(typed)
    officers, blind, unknown = {}, [], []
    for one in filter(None, typed):
        name = _longest(one, known)
        seeing = [
            o for o in known.get(name, ()) if access.visible_cases(o).filter(pk=case.pk).exists()
        ]
        officers |= {officer.pk: officer for officer in seeing}
        if not seeing:
            (blind if name else unknown).append(name or one[:10])
    return Named(
        tuple(officers.values()), tuple(dict.fromkeys(blind)), tuple(dict.fromkeys(unknown))
    )


def write(event, case, text):
    """Tell the officers whom a note names; within the transaction of its event."""
    officers = [o for o in named_in(text, case).officers if o.pk != event.user_id]
    Mention.objects.bulk_create(Mention(event=event, officer=officer) for officer in officers)


def mentions_of(user):
    """Return an officer's mentions in letters they see, the newest first."""
    cases = access.visible_cases(user).values("pk")
    return Mention.objects.filter(officer=user, event__case__in=cases).order_by("-pk")


def unread(user):
    """Return those of an officer's mentions that they have not marked as read."""
    return mentions_of(user).filter(read_at=None)


def mark_read(user, at, **narrowed):
    """Mark an officer's mentions as read: all, or those narrowed to; return how many."""
    return unread(user).filter(**narrowed).order_by().update(read_at=at)


def _officers(typed):
    """Return {name or user name in small letters: [active officers]} for what was typed after the @s."""
    names = {one[:length] for one in typed for length in range(1, min(len(one), 30) + 1)}
    logins = {login for one in typed if (login := _login(one))}
    officers = Officer.objects.filter(is_active=True).select_related("unit")
    officers = officers.annotate(
        named=Concat(F("last_name"), F("first_name")), login=Lower("username")
    )
    found = {}
    for officer in officers.filter(Q(named__in=names) | Q(login__in=logins)) if typed else ():
        for name in {officer.named, officer.login} - {""}:
            found.setdefault(name, []).append(officer)
    return found


def _login(typed):
    found = _USERNAME.match(typed)
    return found[0].lower() if found else ""


def _longest(typed, known):
    """Return the longest known name with which this begins, "" for none; a user name only as a whole."""
    if _login(typed) in known:
        return _login(typed)
    names = [name for name in known if typed.startswith(name) and not name.isascii()]
    return max(names, key=len, default="")
