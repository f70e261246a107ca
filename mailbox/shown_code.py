"""A query code that is shown once stays on its page when only the display or the language changes."""

from django.core import signing

_HOUR = 3600


def sealed(case, code):
    """Return a code of a case as its page carries it: nobody else's word is taken for it."""
    return signing.dumps(code, salt=_salt(case)) if code else ""


def unsealed(case, text):
    """Return the code that a page of this case carried, or ""."""
    try:
        return signing.loads(text, salt=_salt(case), max_age=_HOUR)
    except signing.BadSignature:
        return ""


def _salt(case):
    return f"query code of {case.pk}"
