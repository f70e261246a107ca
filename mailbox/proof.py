"""Proof of work, where an address sends much or a receipt is guessed at: seconds of a phone, no third party.

Challenge and answer have the form of ALTCHA: find the number that a salted SHA-256 was made of.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets

from django.conf import settings

from cases import throttle, worlds
from cases.identity import BadInput

MOST = 50_000  # numbers to try: two or three seconds on a phone
GOOD_FOR, WAIT = 3600, 60  # seconds


class Needed(BadInput):
    """So much came, or was tried wrongly, that the next needs a proof of work, or waiting."""


def challenge():
    """Return a new challenge, as the page gives it to its script."""
    salt = f"{secrets.token_hex(12)}?expires={_clock() + GOOD_FOR}&"
    asked = _hash(salt, secrets.randbelow(MOST))
    return {
        "algorithm": "SHA-256",
        "challenge": asked,
        "salt": salt,
        "maxnumber": MOST,
        "signature": _signed(asked),
    }


def holds(answer):
    """Say whether an answer, as the page sent it, solves a challenge of ours, for the first time."""
    try:
        said = json.loads(base64.b64decode(answer, validate=True))
        asked, salt, number = said["challenge"], said["salt"], int(said["number"])
        # Ended by a mark, or digits of the number could be moved into the time.
        until = int(re.fullmatch(r"[0-9a-f]+\?expires=([0-9]{1,12})&", salt)[1])
        good = 0 <= number <= MOST and hmac.compare_digest(_signed(asked), said["signature"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return False
    if not good or until < _clock() or _hash(salt, number) != asked:
        return False
    return _for_the_first_time(asked)


def asked(posted):
    """Return what a page asks for a proof with, and waits with in its place: who waits, goes on."""
    token = posted.get("waiting", "")
    age = _age(token)
    is_waiting = age is not None and age < WAIT
    return {"proof": challenge(), "waiting": token if is_waiting else waiting_token()}


def given(posted):
    """Say whether a form brings a proof of work, or a token with which its page has waited long enough."""
    return holds(posted.get("altcha", "")) or waited(posted.get("waiting", ""))


def waiting_token():
    """Return what a page without JavaScript waits with, and can be sent with after a minute."""
    said = f"{_clock()}.{secrets.token_hex(12)}"
    return f"{said}.{_signed(said)}"


def waited(text):
    """Say whether a token of ours is old enough, and sent for the first time."""
    age = _age(text)
    return age is not None and WAIT <= age <= GOOD_FOR and _for_the_first_time(text)


def _age(text):
    """Return how old a token of ours is, in seconds, or None if it is none."""
    parts = re.fullmatch(r"(([0-9]{1,12})\.[0-9a-f]{24})\.([0-9a-f]{64})", text)
    if not parts or not hmac.compare_digest(_signed(parts[1]), parts[3]):
        return None
    return _clock() - int(parts[2])


def _for_the_first_time(said):
    try:
        throttle.check("proof", said, 1, 2 * GOOD_FOR)
    except throttle.TooManyAttempts:
        return False
    return True


def _clock():
    return int(worlds.now().timestamp())


def _hash(salt, number):
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _signed(asked):
    message = f"proof of work\0{asked}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
