"""Limits on look-ups that nobody may repeat at will: receipts, codes, sign-in.

Kept in PostgreSQL, so they hold while Redis is away, and counted by the database's own
clock, so they hold in a world that stands at another time. Keys (addresses, receipts)
are stored hashed.
"""

import functools
import hashlib
import hmac
import ipaddress
import logging
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models.throttle import LookupAttempt

log = logging.getLogger(__name__)


class TooManyAttempts(Exception):
    """The limit is reached. retry_after: seconds after which another try may pass."""

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        said = ngettext(
            "尝试次数过多，请%(minutes)d分钟后再试。",
            "尝试次数过多，请%(minutes)d分钟后再试。",
            minutes,
        )
        # Of a limit by the day, minutes would say nothing.
        said = _("尝试次数过多，请明天再试。") if retry_after >= 86_400 else said
        super().__init__(said % {"minutes": minutes})
        self.retry_after = retry_after

    @property
    def message(self) -> str:
        """The sentence for the reader."""
        return str(self)


def check(scope: str, key: str, limit: int, per_seconds: int) -> LookupAttempt:
    """Record an attempt and return it, or refuse it: at most `limit` in any `per_seconds` seconds.

    Records first and counts then, so that attempts sent at once can't all slip past; call
    it outside a transaction. What is refused at sight isn't recorded, so that a flood
    neither fills the table nor shuts the door for longer.
    Raises: TooManyAttempts.
    """
    key_hash = _hashed(key)
    recent = LookupAttempt.objects.filter(
        scope=scope, key_hash=key_hash, at__gt=Now() - timedelta(seconds=per_seconds)
    )
    if recent.count() >= limit:
        raise TooManyAttempts(per_seconds)
    attempt = LookupAttempt.objects.create(scope=scope, key_hash=key_hash)
    if recent.count() > limit:
        raise TooManyAttempts(per_seconds)
    return attempt


def take_back(attempts: list[LookupAttempt]) -> None:
    """Forget single attempts that were right, for a limit that counts wrong ones alone."""
    LookupAttempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).delete()


def note(scope: str, key: str) -> None:
    """Record an attempt that no limit refuses."""
    LookupAttempt.objects.create(scope=scope, key_hash=_hashed(key))


def count(scope: str, key: str, per_seconds: int) -> int:
    """Return how many attempts of a key are recorded in the last `per_seconds` seconds."""
    since = Now() - timedelta(seconds=per_seconds)
    return LookupAttempt.objects.filter(scope=scope, key_hash=_hashed(key), at__gt=since).count()


def forgive(scope: str, key: str) -> None:
    """Forget the attempts of a key, as after one that was right.

    Only for keys that a guesser can't clear with a letter of their own: a receipt, not
    an address.
    """
    LookupAttempt.objects.filter(scope=scope, key_hash=_hashed(key)).delete()


def prune(older_than_seconds: int = 86_400) -> int:
    """Delete attempts no limit counts any more; return how many. Idempotent."""
    old = LookupAttempt.objects.filter(at__lt=Now() - timedelta(seconds=older_than_seconds))
    return old.delete()[0]


def client_address(request: HttpRequest) -> str:
    """Return whom to count a request for: an IPv4 address, or the /64 of an IPv6 one.

    settings.TRUSTED_PROXIES: how many proxies of ours stand before the program, 0 if none.
    Each appends the address it saw to X-Forwarded-For, so only that many entries from the
    right are true. A request that did not pass them all is counted for its peer.
    """
    proxies = settings.TRUSTED_PROXIES
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies > len(hops) or (proxies and not hops[-1]):
        _say_that_proxies_are_fewer()
    claimed = hops[-proxies] if 0 < proxies <= len(hops) else peer
    return _subscriber(claimed) or _subscriber(peer) or "unknown"


def network_of(address: str) -> str:
    """Return the network of what client_address returned: all that one customer may change among.

    The /48 of an IPv6 address, which is given away for nothing; the /24 of an IPv4 one.
    """
    try:
        network = ipaddress.ip_network(address)
    except ValueError:
        return address
    return str(network.supernet(new_prefix=48 if network.version == 6 else 24))


@functools.cache
def _say_that_proxies_are_fewer() -> None:
    """Once a process: whoever reads the log learns that the limits count for the wrong address."""
    log.warning(
        "cases.W011: a citizen's request passed fewer proxies than TRUSTED_PROXIES says: set it to"
        " the number that every request passes, or the limits count proxies and not people"
    )


def _subscriber(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    # One subscriber has a whole /64 to change among.
    return str(ipaddress.ip_network((address.packed[:8] + bytes(8), 64)))


def _hashed(key: str) -> str:
    message = f"lookup attempt\0{key}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
