"""Receipts and query codes: what a citizen holds to follow a letter.

A receipt is PA-XXXX-XXXX-XC: nine random characters of an alphabet of 31 in which none
is easily taken for another, and a check character C. Whoever guesses hits one of a
million letters once in 26 million well-formed tries (31**9 / 10**6), and then still
needs its code: one chance in 10**8 a try. How long guessing takes: docs/decisions/0005.
"""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from functools import cache
from itertools import product

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cases.identity import BadInput, fold, squeeze

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0, 1, I, L and O
LIVE_PREFIX = "PA"
RANDOM_LENGTH = 9
CODE_DIGITS = 8

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_BASE = len(ALPHABET)
_FORM = re.compile(rf"([A-Z][A-Z0-9]{{1,10}})([{ALPHABET}]{{{RANDOM_LENGTH + 1}}})")
_WRITTEN = re.compile(rf"[A-Z][A-Z0-9]{{1,10}}(?:-[{ALPHABET}]{{4}}){{2}}-[{ALPHABET}]{{2}}")
_MARK = re.compile(r"[A-Z][A-Z0-9]{1,10}")


class BadReceipt(BadInput):
    """A receipt was mistyped."""


def new_receipt() -> str:
    """Return a random receipt; the database's unique constraint has the last word."""
    return _with_check(LIVE_PREFIX, _drawn(RANDOM_LENGTH))


def grouped(length: int) -> str:
    """Return so many random characters in groups of four, to be read out and typed: K7M2-9QXD."""
    drawn = _drawn(length)
    return "-".join(drawn[start : start + 4] for start in range(0, length, 4))


def _drawn(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _place in range(length))


def run_receipt(mark: str, number: int) -> str:
    """Return the receipt of letter `number` in the world with this mark; always the same.

    mark: a letter, then 1 to 10 letters or digits, such as R12; it stands in place of PA.
    Raises: ValueError if the mark is not such a one, or number is not in 0 .. 31**9 - 1.
    """
    prefix = mark.upper()
    if not _MARK.fullmatch(prefix) or prefix == LIVE_PREFIX:
        raise ValueError(f"mark must be a letter and 1 to 10 letters or digits: {mark!r}")
    if not 0 <= number < _BASE**RANDOM_LENGTH:
        raise ValueError(f"number must be from 0 to 31**9 - 1: {number!r}")
    body = ""
    for _place in range(RANDOM_LENGTH):
        number, value = divmod(number, _BASE)
        body = ALPHABET[value] + body
    return _with_check(prefix, body)


def run_receipts(mark: str, numbers) -> list[str]:
    """Return run_receipt of each number; quicker, since numbers near each other share most of it.

    Raises: ValueError, as run_receipt.
    """
    heads, ends, found = {}, _ends(), []
    for number in numbers:
        high, low = divmod(int(number), len(ends))
        if high not in heads:
            first = run_receipt(mark, high * len(ends))
            heads[high] = first[:-5], _VALUE[first[-1]]
        head, check = heads[high]
        end, weight = ends[low]
        found.append(f"{head}{end}{ALPHABET[(check - weight) % _BASE]}")
    return found


@cache
def _ends():
    """Return for each three last places of a body their text, and what they add to the sum."""
    places = product(range(_BASE), repeat=3)
    weights = range(RANDOM_LENGTH - 1, RANDOM_LENGTH + 2)
    return [
        (
            f"{ALPHABET[a]}{ALPHABET[b]}-{ALPHABET[c]}",
            sum(weight * value for weight, value in zip(weights, (a, b, c), strict=True)),
        )
        for a, b, c in places
    ]


def parse(text: str) -> str:
    """Return the receipt that was typed, in its one written form.

    Takes full width, lower case, any spaces and dashes, and a live one without its PA.
    Raises: BadReceipt if the form or the check character is wrong.
    """
    squeezed = squeeze(text)
    if len(squeezed) == RANDOM_LENGTH + 1:
        squeezed = LIVE_PREFIX + squeezed
    typed = _FORM.fullmatch(squeezed)
    if not typed:
        raise BadReceipt(
            _("受理编号格式如 PA-7KQ2-M9XR-C9，其中没有数字0、1和字母I、L、O，请检查。")
        )
    prefix, body = typed.groups()
    receipt = _with_check(prefix, body[:-1])
    if receipt[-1] != body[-1]:
        raise BadReceipt(_("受理编号有一位输错了或顺序颠倒，请对照回执检查。"))
    return receipt


def found_in(text: str) -> set[str]:
    """Return the receipts that stand in a text, in their one written form; mistyped ones don't count."""
    found = set()
    for typed in _WRITTEN.findall(fold(text).upper()):
        with suppress(BadReceipt):
            found.add(parse(typed))
    return found


def _with_check(prefix: str, body: str) -> str:
    """Return the receipt with its check character.

    31 is prime and each place has a weight of its own, none of them 0 modulo 31, so one
    wrong character or two swapped ones (not only neighbours) always change the sum.
    """
    total = sum(weight * _VALUE[c] for weight, c in enumerate(body, start=2))
    total += sum(
        weight * _VALUE.get(c, ord(c)) for weight, c in enumerate(prefix, 2 + RANDOM_LENGTH)
    )
    check = ALPHABET[-total % _BASE]
    return f"{prefix}-{body[:4]}-{body[4:8]}-{body[8:]}{check}"


def new_query_code() -> str:
    """Return 8 random digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def query_code_for(idempotency_key: object) -> str:
    """Return the 8 digits that belong to one sending, the same each time it is repeated.

    Whoever has the key alone can't compute them: they depend on SECRET_KEY.
    """
    return _code(settings.SECRET_KEY, idempotency_key)


def query_code_of(idempotency_key: object, receipt: str, stored: str) -> str:
    """Return the code that a kept sending was given; "" if it was under none of our keys."""
    codes = [(key, _code(key, idempotency_key)) for key in _keys()]
    ours = (c for key, c in codes if hmac.compare_digest(_hash(key, receipt, c), stored))
    return next(ours, "")


def hash_code(receipt: str, code: str) -> str:
    """Return what is stored of a query code: 64 hex digits, of no use without SECRET_KEY."""
    return _hash(settings.SECRET_KEY, receipt, code)


def code_fits(receipt: str, code: str, stored: str) -> bool:
    """Say whether a typed code is the one stored for the receipt, in constant time.

    Also fits codes hashed under one of SECRET_KEY_FALLBACKS, so that changing SECRET_KEY
    shuts nobody out.
    """
    fits = [hmac.compare_digest(_hash(key, receipt, code), stored) for key in _keys()]
    return any(fits)


def _keys() -> list[str]:
    """Return SECRET_KEY and those that it followed."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _code(key: str, idempotency_key: object) -> str:
    digest = _digest(key, f"query code\0{idempotency_key}")
    return f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _hash(key: str, receipt: str, code: str) -> str:
    return _digest(key, f"stored code\0{receipt}\0{squeeze(code)}").hex()


def _digest(key: str, message: str) -> bytes:
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
