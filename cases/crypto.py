"""Sealing of identities at rest, and blind indexes to find one exactly.

settings.IDENTITY_KEYS is "id:base64,older-id:base64" (32 bytes or more each; make one
with `openssl rand -base64 32`). The first key seals; every key still opens what it
sealed. To rotate, put a new key in FRONT and run `manage.py rotate_keys`, after which the
others can go.

Blind indexes come from the first key too, by a derivation of its own. A search asks for those
of every key, so that it finds what has not been rotated yet.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cases.identity import squeeze

_NONCE_BYTES = 12
_KEY_BYTES = 32
_SEAL_PURPOSE = b"identity seal v1"
_INDEX_PURPOSE = b"identity blind index v1"


class SealError(Exception):
    """A sealed identity can't be opened: its key is missing, or its bytes were changed."""


@dataclass(frozen=True, repr=False)
class _KeyRing:
    current: str
    seals: dict[str, AESGCM]
    index_keys: tuple[bytes, ...]


def seal(identity: dict) -> tuple[str, bytes]:
    """Return (key id, sealed bytes) of a dict of JSON values.

    Raises: ImproperlyConfigured if IDENTITY_KEYS is missing or malformed.
    """
    ring = _key_ring(settings.IDENTITY_KEYS)
    plain = json.dumps(identity, ensure_ascii=False, separators=(",", ":")).encode()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = ring.seals[ring.current].encrypt(nonce, plain, ring.current.encode())
    return ring.current, nonce + sealed


def open_sealed(key_id: str, sealed: bytes) -> dict:
    """Return the dict that was sealed.

    Raises: SealError, naming the key id; ImproperlyConfigured as seal() does.
    """
    ring = _key_ring(settings.IDENTITY_KEYS)
    if key_id not in ring.seals:
        raise SealError(f"IDENTITY_KEYS has no key {key_id!r}, with which this was sealed")
    sealed = bytes(sealed)  # the database may give a memoryview
    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        plain = ring.seals[key_id].decrypt(nonce, body, key_id.encode())
    except (InvalidTag, ValueError) as error:
        raise SealError(f"sealed under {key_id!r}, but the bytes do not fit that key") from error
    return json.loads(plain)


def blind_index(kind: str, value: str) -> str:
    """Return 64 hex digits that are equal for equal values of a kind, and tell nothing else.

    value: compared folded, in upper case, without spaces and dashes. An empty value
    gives "", which must never be searched for.
    Raises: ImproperlyConfigured as seal() does.
    """
    return next(iter(blind_indexes(kind, value)), "")


def blind_indexes(kind: str, value: str) -> list[str]:
    """Return the blind indexes of a value under each key, to find it by any; [] of an empty one.

    Raises: ImproperlyConfigured as seal() does.
    """
    squeezed = squeeze(value)
    if not squeezed:
        return []
    message = f"{kind}\0{squeezed}".encode()
    keys = _key_ring(settings.IDENTITY_KEYS).index_keys
    return [hmac.new(key, message, hashlib.sha256).hexdigest() for key in keys]


def key_ids() -> list[str]:
    """Return the ids of the keys, the current one first. Raises: ImproperlyConfigured as seal()."""
    return list(_key_ring(settings.IDENTITY_KEYS).seals)


@functools.lru_cache(maxsize=4)
def _key_ring(setting: str) -> _KeyRing:
    secrets_by_id = {}
    for place, entry in enumerate(filter(None, map(str.strip, setting.split(","))), start=1):
        key_id, colon, encoded = entry.partition(":")
        if not (key_id and colon) or key_id in secrets_by_id:
            raise ImproperlyConfigured(f"IDENTITY_KEYS entry {place} is not a new id:base64")
        secrets_by_id[key_id] = _decoded(key_id, encoded)
    if not secrets_by_id:
        raise ImproperlyConfigured("IDENTITY_KEYS is empty; give at least one id:base64")
    seals = {i: AESGCM(_derive(secret, _SEAL_PURPOSE)) for i, secret in secrets_by_id.items()}
    indexes = tuple(_derive(secret, _INDEX_PURPOSE) for secret in secrets_by_id.values())
    return _KeyRing(next(iter(seals)), seals, indexes)


def _decoded(key_id: str, encoded: str) -> bytes:
    """Decode one key. Errors name the id and never the key."""
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) < _KEY_BYTES:
        raise ImproperlyConfigured(
            f"IDENTITY_KEYS: {key_id!r} is not base64 of {_KEY_BYTES} bytes or more"
        )
    return secret


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(secret)
