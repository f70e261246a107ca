"""One-time passwords (TOTP, RFC 6238) and recovery codes: what an officer has besides a password.

The secret is sealed as a writer's identity is, and each code is taken once: the step of time of
the newest one is moved on by one conditional write, so that of two at once one is refused.
"""

import hashlib
import hmac
from contextlib import contextmanager

import pyotp
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from cases import account_notices, crypto
from cases.identity import squeeze
from cases.models import AccountNotice, Officer, RecoveryCode, SecondFactor
from cases.receipts import grouped

STEP_SECONDS = 30
DRIFT = 1  # a telephone's clock may be so many steps off
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 16  # of 31 characters: 79 bits, so a plain hash is enough


def is_required():
    """Return whether officers need one; see SECOND_FACTOR in .env.example."""
    return settings.SECOND_FACTOR


def of(officer):
    """Return the officer's SecondFactor, or None before it is set up."""
    return SecondFactor.objects.filter(officer=officer).first()


def new_secret():
    """Return a secret for a device, in base32."""
    return pyotp.random_base32()


def address(officer, secret):
    """Return the otpauth: address that a telephone reads from a square of dots."""
    return pyotp.TOTP(secret).provisioning_uri(name=officer.username, issuer_name="平安厅信箱")


def set_up(officer, secret, typed, at, anew=False):
    """Bind a device whose code was typed; return its recovery codes, to be shown once.

    anew: in place of the one that is bound, by a single write: the officer is never without.
    Returns None if the code is wrong, or a device was bound or taken away meanwhile.
    """
    step = _step_of(secret, squeeze(typed), at)
    if step is None:
        return None
    key_id, sealed = crypto.seal({"secret": secret})
    columns = {"key_id": key_id, "sealed": sealed, "set_up_at": at, "last_step": step}
    with _held(officer):
        if anew:
            bound = SecondFactor.objects.filter(officer=officer).update(**columns)
        else:
            _factor, bound = SecondFactor.objects.get_or_create(officer=officer, defaults=columns)
        if not bound:
            return None
        account_notices.note(officer, AccountNotice.BOUND)
        return _fresh_codes(officer)


def new_recovery_codes(officer):
    """Return ten new recovery codes, to be shown once; those from before are void."""
    with _held(officer):
        account_notices.note(officer, AccountNotice.CODES)
        return _fresh_codes(officer)


@contextmanager
def _held(officer):
    """Hold the officer's row: of two renewals at once the later one's codes are valid alone."""
    with transaction.atomic():
        Officer.objects.select_for_update(no_key=True).get(pk=officer.pk)
        yield


def _fresh_codes(officer):
    codes = [grouped(_RECOVERY_LENGTH) for _one in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(officer=officer).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(officer=officer, code_hash=_hashed(officer, code)) for code in codes
    )
    return codes


def accepts(officer, typed, at):
    """Take a one-time password or a recovery code, once; return "code", "recovery" or ""."""
    typed = squeeze(typed)
    if _takes_code(officer, typed, at):
        return "code"
    unused = RecoveryCode.objects.filter(
        officer=officer, code_hash=_hashed(officer, typed), used_at=None
    )
    return "recovery" if unused.update(used_at=at) else ""


def codes_left(officer):
    """Return how many recovery codes are not used yet."""
    return officer.recovery_codes.filter(used_at=None).count()


def forget(officer):
    """Take the device and its recovery codes away: the next sign-in binds another."""
    with _held(officer):
        RecoveryCode.objects.filter(officer=officer).delete()
        if SecondFactor.objects.filter(officer=officer).delete()[0]:
            account_notices.note(officer, AccountNotice.UNBOUND)


def _takes_code(officer, typed, at):
    factor = of(officer)
    if factor is None:
        return False
    try:
        secret = crypto.open_sealed(factor.key_id, factor.sealed)["secret"]
    except crypto.SealError:  # its key has been taken away; recovery codes go on
        return False
    step = _step_of(secret, typed, at)
    if step is None:
        return False
    # One that a clock which ran ahead has left is far beyond all that can be taken now.
    newer = Q(last_step__lt=step) | Q(last_step__gt=step + 2 * DRIFT)
    same = SecondFactor.objects.filter(newer, officer=officer, sealed=factor.sealed)
    return bool(same.update(last_step=step))


def _step_of(secret, typed, at):
    """Return the step of time whose code was typed, or None; equally long whatever was typed."""
    now = int(at.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    fits = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
    ]
    return fits[-1] if fits else None


def _hashed(officer, code):
    return hashlib.sha256(f"recovery code\0{officer.pk}\0{squeeze(code)}".encode()).hexdigest()
