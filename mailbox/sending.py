"""Sending a letter, whichever form it was typed into: kept once, its receipt opened here alone.

Nobody may send at will. Up to settings.SENDING_FREE letters an hour, an address is asked nothing;
beyond, each needs a proof of work, which a browser without JavaScript replaces by waiting a minute.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from cases import actors, throttle, worlds
from cases.identity import BadInput
from cases.intake import intake
from cases.models import Letter
from mailbox import phone_check, proof, ways

HOUR, DAY = 3600, 86_400
PER_PHONE = 10  # letters in a day
MORE = 50  # times as many with proofs of work: a mobile network has thousands behind one address
NETWORK = 10  # times as many from one network of IPv6, whose 65,536 addresses cost nothing


class TooMany(BadInput):
    """The limit of sending is reached; the message says which, and what can be done."""


def keep(request, submission, known, units, notify=""):
    """Keep the letter and remember it for the page of its receipt.

    known: as `known` has just found it; a retry is no second letter. units: those of the form.
    notify: of ways.OFFERED, by which ways its writer wants to be told of news.
    Raises: TooMany, proof.Needed, Incomplete. Then nothing is kept.
    """
    is_new = known is None
    if is_new:
        _admit_letter(request, submission.person.get("phone", ""))
    receipt = intake(
        submission,
        actor=actors.citizen(None),
        at=worlds.now(),
        units=units,
        is_new=is_new,
        also=lambda letter: ways.choose_at_first(letter, notify),
    )
    request.session["sent"] = {"case": receipt.case_id, "key": str(submission.idempotency_key)}


def admit(request, scope):
    """Count what is kept before its letter: a file, or a letter being written. Raises: TooMany."""
    if not settings.SENDING_FREE:
        return
    try:
        for more, key, free in _places(request):
            throttle.check(scope + more, key, free * MORE, HOUR)
    except throttle.TooManyAttempts:
        raise TooMany(_("这个网络一小时内传来的内容太多，请一小时后再试。")) from None


def _places(request):
    """Return (what its scopes end in, key, free letters an hour) of each place a request counts for."""
    address, free = throttle.client_address(request), settings.SENDING_FREE
    found = [("", address, free)]
    if ":" in address:
        found.append((" network", throttle.network_of(address), free * NETWORK))
    return found


def _admit_letter(request, phone):
    if not settings.SENDING_FREE:
        return
    places = _places(request)
    try:
        sent = [(throttle.count(f"send{more}", key, HOUR), free) for more, key, free in places]
        asked = any(n >= free for n, free in sent) and all(n < free * MORE for n, free in sent)
        if asked and not proof.given(request.POST):
            raise proof.Needed(_("这个网络刚刚寄出了很多信，请先完成下面的验证。"))
        for more, key, free in places:
            throttle.check(f"send{more}", key, free * MORE, HOUR)
    except throttle.TooManyAttempts:
        raise TooMany(
            _("这个网络一小时内寄来的信太多。您填写的内容都还在，请一小时后再寄，或换一个网络。")
        ) from None
    # Who writes in somebody's name keeps them out for no day: they can prove that it is theirs.
    if phone_check.is_proved(request, phone):
        return
    try:
        throttle.check("send phone", phone, PER_PHONE, DAY)
    except throttle.TooManyAttempts:
        raise TooMany(
            _(
                "这个电话号码一天内已寄出%(count)s封信。请明天再寄，或在原信中追加情况；"
                "如果不是您寄的，请先在“查询来信”里用手机验证这个号码。"
            )
            % {"count": PER_PHONE}
        ) from None


def known(s):
    """Return the letter that this submission's key has already brought, or None."""
    found = Letter.objects.filter(idempotency_key=s.idempotency_key)
    return found.first() if found.exists() else None


def is_another_letter(s, known):
    """Return whether this key has already brought a letter that says something else."""
    said = (s.mailbox, s.kind, " ".join(s.title.split("\n")), s.body)
    return bool(known) and said != (known.mailbox.code, known.kind, known.title, known.body)
