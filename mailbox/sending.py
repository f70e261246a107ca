"""Sending a letter, whichever form it was typed into: kept once, its receipt opened here alone."""

from cases import actors, worlds
from cases.intake import intake
from cases.models import Letter


def keep(request, submission):
    """Keep the letter and remember it for the page of its receipt.

    Raises: Incomplete. Then nothing is kept.
    """
    receipt = intake(submission, actor=actors.citizen(None), at=worlds.now())
    request.session["sent"] = {"case": receipt.case_id, "key": str(submission.idempotency_key)}


def is_another_letter(s):
    """Return whether this key has already brought a letter that says something else."""
    known = Letter.objects.filter(idempotency_key=s.idempotency_key).first()
    said = (s.mailbox, s.kind, " ".join(s.title.split("\n")), s.body)
    return bool(known) and said != (known.mailbox.code, known.kind, known.title, known.body)
