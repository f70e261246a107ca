"""What became of the letters of the last year, for everyone to read: counted from the log, hourly."""

from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from cases import daybooks, in_force, worlds
from cases.calendars import SHANGHAI
from cases.desk.policy_words import in_words
from cases.models import Unit
from cases.statistics import rates

_DAYS, _HOUR = 365, 3600
_KEY = "mailbox-year"
_ENOUGH = 10  # times the minimum count: of fewer letters nothing is told
# A letter without a reply counts as one that waits for ever, or the slowest would be left out.
_HALF = """
SELECT extract(epoch FROM percentile_disc(0.5) WITHIN GROUP
       (ORDER BY coalesce(replied_at - received_at, '100 years')))
FROM cases_case WHERE received_at >= %s
"""


def figures():
    """Return {name: number} of the last year; only `fewest` of too few letters, {} without a cache."""
    try:
        kept = cache.get(_KEY)
        if kept is None:
            kept = _counted(worlds.now().astimezone(SHANGHAI))
            cache.set(_KEY, kept, _HOUR)
        return kept
    except (OSError, RedisError):
        return {}


def promises():
    """Return {name: length in words} of what a city's mailbox promises now."""
    length = in_force.policy().length
    return {
        "contact": in_words(length("city", "help", "contact")),
        "consult": in_words(length("city", "consult", "reply")),
        "reply": in_words(length("city", "help", "reply")),
    }


def _counted(now):
    """Return received, solved and thanks, and the shares of which there are enough to tell them."""
    share_of = in_force.policy().minimum_count
    fewest = _ENOUGH * share_of
    department = Unit.objects.filter(level="department").first()
    if department is None:
        return {}
    since = now.date() - timedelta(days=_DAYS)
    seen = daybooks.current().seen_by(department, daybooks.tree())
    counts = seen.counts(since, now.date())
    if counts["received"] < fewest:
        return {"fewest": fewest}
    found = {"received": counts["received"], "solved": counts["solved"], "thanks": counts["thanks"]}
    below = {
        "on_time": counts["reply_kept"] + counts["reply_late"],
        "solved_by_word": counts["rated"],
        "satisfied": counts["rated"],
    }
    for name, share in rates(counts).items():
        if below.get(name, 0) >= share_of:
            found[name] = int(100 * share)  # never rounded up: 99.9 % is not all
    half = _half(now - timedelta(days=_DAYS))
    return {**found, "half_days": half} if half <= _DAYS else found


def _half(since):
    """Return the days within which half of the letters had a reply."""
    with connection.cursor() as cursor:
        cursor.execute(_HALF, [since])
        seconds = cursor.fetchone()[0] or 0
    return max(1, -(-int(seconds) // 86_400))
