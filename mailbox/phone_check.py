"""A telephone is proved by the code that was sent to it.

The code goes to any telephone that is asked for, whether letters were written with it or not,
so that neither the page nor the time it takes tells which. The telephone itself is not kept.
"""

import logging
import re
import secrets
from datetime import datetime, timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from cases import crypto, identity, receipts, sms, throttle, worlds
from cases.identity import BadInput
from mailbox.models import PhoneCheck

log = logging.getLogger(__name__)

DIGITS, TRIES, VALID = 6, 5, timedelta(minutes=10)
# A proved telephone is forgotten on this device after a while.
PROVED_FOR = timedelta(minutes=30)
# How many messages in how many seconds: to one telephone, for one address, and for its network, for
# whoever has one of IPv6 has 65,536 addresses.
PER_PHONE, PER_PHONE_A_DAY, PER_ADDRESS = (3, 3600), (6, 86_400), (10, 3600)
PER_NETWORK = (100, 3600)
# The mainland, Hong Kong, Macau, Taiwan. Elsewhere a message is dear, and anyone can ask for one.
_REACHED = re.compile(r"1[3-9][0-9]{9}|\+85[23][0-9]{8}|\+8869[0-9]{8}")


def takes_messages(phone):
    """Return whether a telephone, in the form it is kept in, can be sent a text message."""
    return bool(_REACHED.fullmatch(phone))


def checked(typed):
    """Return a mobile number in the form it is kept in. Raises: BadInput."""
    phone = identity.check_phone(typed)
    if not takes_messages(phone):
        raise BadInput(
            _(
                "请填写能收短信的手机号码（内地、香港、澳门、台湾）。写信时填的是其他国家的号码，不能换发查询码：请另写一封信，写明原来的受理编号。"
            )
        )
    return phone


def send_code(phone, address):
    """Send a code to a telephone, for a visitor from this address; return the key of the check.

    Raises: TooManyAttempts; BadInput if no message can be sent now.
    """
    indexes = " ".join(crypto.blind_indexes("phone", phone))
    throttle.check("sms address", address, *PER_ADDRESS)
    throttle.check("sms network", throttle.network_of(address), *PER_NETWORK)
    throttle.check("sms phone", indexes, *PER_PHONE)
    throttle.check("sms phone day", indexes, *PER_PHONE_A_DAY)
    check = PhoneCheck(phone_indexes=indexes, sent_at=worlds.now())
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    check.code_hash = receipts.hash_code(str(check.pk), code)
    check.save(force_insert=True)
    text = _(
        "“平安厅”信箱：您的验证码是%(code)s，10分钟内有效。请勿告诉任何人；不是您本人操作的，不必理会。"
    )
    try:
        sms.send(phone, text % {"code": code})
    except Exception as error:  # whatever a carrier's function raises; never its text
        log.warning("no code could be sent: %s", type(error).__name__)
        raise BadInput(_("短信现在发不出去，请过几分钟再试。")) from None
    return str(check.pk)


def prune(now):
    """Delete the checks of a day ago and before; return how many. Idempotent."""
    return PhoneCheck.objects.filter(sent_at__lt=now - timedelta(days=1)).delete()[0]


def proved(request):
    """Return the blind indexes of the telephone that this session has proved lately, or None."""
    kept = request.session.get("proved")
    if not kept or worlds.now() - datetime.fromisoformat(kept["at"]) > PROVED_FOR:
        return None
    return kept["index"]


def is_proved(request, phone):
    """Return whether this is the telephone that this session has proved lately."""
    mine = set((proved(request) or "").split())
    return bool(mine) and not mine.isdisjoint(crypto.blind_indexes("phone", phone))


def prove(key, typed):
    """Return the blind indexes, with spaces, of the telephone whose code this is; a code proves once.

    Raises: BadInput, also after five tries or ten minutes.
    """
    since = worlds.now() - VALID
    open_now = PhoneCheck.objects.filter(pk=key, used_at=None, sent_at__gt=since)
    if not open_now.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        raise BadInput(_("这个验证码已失效，请重新获取。"))
    check = PhoneCheck.objects.get(pk=key)
    if not receipts.code_fits(str(check.pk), typed, check.code_hash):
        left = TRIES - check.tries
        raise BadInput(
            _("验证码不对，还可以试%(n)s次。") % {"n": left}
            if left
            else _("验证码不对，已失效，请重新获取。")
        )
    if not open_now.update(used_at=worlds.now()):
        raise BadInput(_("这个验证码已失效，请重新获取。"))
    return check.phone_indexes
