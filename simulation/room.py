"""Room for made-up letters: what the worlds of runs and of practice take, and how much they may.

They stand in the database beside live letters, for which no room is left where it is full.
"""

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from cases.refusals import Refusal
from simulation.models import Practice, Run

# What a world takes before its first letter, and then for each: measured with 20,000, all findable.
WORLD_BYTES, LETTER_BYTES = 3_000_000, 6_000
_ENGLISH = (
    "no room: made-up letters take {taken}, this run needs about {needed} more, and RUNS_GB allows"
    " {limit}; delete runs that are not needed (/simulation/), or ask for fewer letters"
)
_LOCK = 20210505  # beside those of simulation/claims.py
_SIZES = """
SELECT n.nspname, sum(pg_total_relation_size(c.oid))::bigint
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname LIKE 'run\\_%%' AND c.relkind = 'r' AND (%(schema)s = '' OR n.nspname = %(schema)s)
 GROUP BY 1
"""


class NoRoom(Refusal):
    """A world that is not made, for those there are take all that they may."""

    code = "no_room"

    def __init__(self, letters, taken):
        figures = {"taken": taken, "needed": expected(letters), "limit": limit()}
        figures = {name: in_words(size) for name, size in figures.items()}
        self.in_english = _ENGLISH.format(**figures)  # for commands
        super().__init__(
            _(
                "存放模拟来信的空间不够：已占%(taken)s，这次约需%(needed)s，上限%(limit)s。"
                "请先在“模拟运行”里删除不再需要的模拟，或减少来信数。"
            )
            % figures
        )


def hold(letters):
    """Refuse a world of so many letters for which no room is left; call it in the transaction that makes it.

    Of two that are asked for at once, the second waits and counts the first. Raises: NoRoom.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if (now := taken()) + expected(letters) > limit():
        raise NoRoom(letters, now)


def taken():
    """Return the bytes of all worlds; one that is still being filled counts as what it will take."""
    there = _sizes()
    runs = Run.objects.filter(status__in=Run.UNFINISHED).values_list("world__schema", "letters")
    asked = Practice.objects.filter(status=Practice.WAITING).values_list("pk", "letters")
    coming = {**dict(runs), **{f"run_p{pk}": letters for pk, letters in asked}}
    for schema, letters in coming.items():
        there[schema] = max(there.get(schema, 0), expected(letters))
    return sum(there.values())


def of(world):
    """Return the bytes of one world; 0 if its tables are gone."""
    return _sizes(world.schema).get(world.schema, 0)


def expected(letters):
    """Return about how many bytes a world of so many letters takes."""
    return WORLD_BYTES + letters * LETTER_BYTES


def limit():
    """Return how many bytes all worlds together may take."""
    return int(settings.RUNS_GB * 10**9)


def in_words(size):
    """Return a number of bytes as people read it."""
    return f"{size / 10**9:.1f} GB" if size >= 10**9 else f"{-(-size // 10**6)} MB"


def _sizes(schema=""):
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, {"schema": schema})
        return dict(cursor.fetchall())
