"""Drafts (草稿): what an officer types for a step is kept as it is typed, until the step is taken.

Free text, as a Message is, and read by its author alone. Drafts of a world stay in it.
"""

from cases import identity
from cases.models import Draft

# More than any step takes, so that a text too long for its step is not lost either.
LONGEST = 20_000


class TooLong(ValueError):
    """A text longer than any draft."""


def save(user, case, row, typed, seen, at):
    """Keep what this officer typed for a step; without a text there is nothing to keep.

    typed: {field: str}. seen: the case's seq that the page showed. Returns the Draft, or None.
    Raises: TooLong.
    """
    typed = {name: identity.clean(value) for name, value in typed.items() if value.strip()}
    text = typed.get("text", "")
    if len(text) > LONGEST:
        raise TooLong
    if not text or _was_sent(user, case, row, text, seen):
        wipe(user, case, row.action)
        return None
    draft = Draft(
        case=case, officer=user, action=row.action, typed=typed, seq=max(seen, 0), saved_at=at
    )
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["officer", "case", "action"],
        update_fields=["typed", "seq", "saved_at"],
    )
    return draft


def _was_sent(user, case, row, text, seen):
    """Return whether the step has been taken with this text: a save that comes after its step."""
    later = case.events.filter(action=row.action, user=user, seq__gt=seen)
    bodies = later.values_list("message__body", flat=True)
    return any((body or "").startswith(text) for body in bodies)


def of(user, case):
    """Return {action: Draft} of this officer's drafts for a case."""
    return {draft.action: draft for draft in Draft.objects.filter(officer=user, case=case)}


def wipe(user, case, action):
    """Forget a draft: its step has been taken, or the officer does not want it."""
    Draft.objects.filter(officer=user, case=case, action=action).delete()
