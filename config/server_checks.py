"""What only the servers can tell: dropped messages, clocks that differ, too few connections.

A server that does not answer is no finding here: the health page says that, and the site waits.
"""

import redis
from django.conf import settings
from django.core.checks import Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from cases import crypto, receipts, rotating, worlds
from cases.models import Letter
from config import connections
from config.checks import START, found
from config.servers import QUIET

PATIENCE_SECONDS = 2  # of a server that does not answer
CLOCKS_SECONDS = 5  # by which clocks may differ
CODES_LOOKED_AT = 20  # of the newest letters
OLDEST_POSTGRES = 15  # whose unique constraints can take two empty values for the same


@register(START, Tags.database)
def check_eviction(app_configs, **kwargs):
    """Warn where Redis may drop a message for want of room."""
    try:
        with broker() as client:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except redis.RedisError:  # absent, or a rented one that does not say
        return []
    if policy == "noeviction":
        return []
    words = f"Redis may drop messages when it is full: maxmemory-policy is {policy}."
    hint = "Set maxmemory-policy to noeviction, and give the cache a server of its own if it grows."
    return [found("W008", words, hint)]


@register(START, Tags.database)
def check_clocks(app_configs, **kwargs):
    """Warn where the clock of this machine is not that of the database or of Redis."""
    hint = "Set all clocks by NTP: limits run by one and are counted by the other."
    return [
        found("W009", f"The clock of {name} is {seconds:+.0f} s from this machine's.", hint)
        for name, seconds in differences().items()
        if abs(seconds) > CLOCKS_SECONDS
    ]


@register(START, Tags.database)
def check_version(app_configs, **kwargs):
    """Refuse a PostgreSQL on which Django leaves out, without a word, constraints that we rely on."""
    try:
        with connection.cursor():
            version = connection.pg_version // 10_000
    except DatabaseError:
        return []
    if version >= OLDEST_POSTGRES:
        return []
    words = f"The database is PostgreSQL {version}, older than {OLDEST_POSTGRES}."
    hint = f"Move to PostgreSQL {OLDEST_POSTGRES} or newer: its unique constraints are relied on."
    return [found("E016", words, hint)]


@register(START, Tags.database)
def check_connections(app_configs, **kwargs):
    """Refuse a database that has fewer connections than the processes may open at worst."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('max_connections')::int"
                " - current_setting('superuser_reserved_connections')::int"
                " - coalesce(current_setting('reserved_connections', true), '0')::int"
            )
            (free,) = cursor.fetchone()
    except DatabaseError:
        return []
    if free >= (needed := connections.worst_case()):
        return []
    words = f"The database has {free} connections for us; at worst {needed} are opened."
    hint = "Raise max_connections, or run fewer processes: config/connections.py adds them up."
    return [found("E010", words, hint)]


@register(START, Tags.database)
def check_log_of_database(app_configs, **kwargs):
    """Warn where the database's own log quotes statements that fail, with what somebody typed."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*QUIET]])
            loud = [name for name, value in cursor if value != QUIET[name]]
    except DatabaseError:
        return []
    hint = "Set " + ", ".join(f"{name} = {QUIET[name]}" for name in loud) + " on the server."
    words = "The database's log quotes statements that fail, with what somebody typed."
    return [found("W015", words, hint)] if loud else []


@register(START, Tags.database)
def check_current_key(app_configs, **kwargs):
    """Refuse a current key that has the id of another: what it seals, the right one would never open."""
    try:
        if rotating.current_fits():
            return []
    except (DatabaseError, ImproperlyConfigured):
        return []
    words = f"The first of IDENTITY_KEYS, {crypto.key_ids()[0]!r}, does not open what that key has sealed."
    hint = (
        "Put the right one there. If it is lost for good, put a new one with another id before it."
    )
    return [found("E020", words, hint)]


@register(START, Tags.database)
def check_sealing_keys(app_configs, **kwargs):
    """Refuse IDENTITY_KEYS without a key that has sealed something which is kept."""
    try:
        missing = sorted(set(rotating.held()) - set(crypto.key_ids()))
    except (DatabaseError, ImproperlyConfigured):  # no table yet; config.E002 says the rest
        return []
    hint = (
        "Put it back, behind the current one. If it is lost for good, so are they: put any"
        " other 32 bytes there, and the site starts."
    )
    return [
        found(
            "E012", f"IDENTITY_KEYS has no key {key!r}, which has sealed who wrote letters.", hint
        )
        for key in missing
    ]


@register(START, Tags.database)
def check_query_codes(app_configs, **kwargs):
    """Refuse a SECRET_KEY under which none of the newest letters' query codes was made."""
    try:
        sent = Letter.objects.exclude(query_code_hash="").exclude(idempotency_key=None)
        known = sent.order_by("-pk").values_list("idempotency_key", "receipt", "query_code_hash")
        newest = list(known[:CODES_LOOKED_AT])
    except DatabaseError:  # no table yet
        return []
    if not newest or any(receipts.query_code_of(*letter) for letter in newest):
        return []
    hint = (
        "Put the one before back, or name it in SECRET_KEY_FALLBACKS. If it is lost for good, name any"
        " other there: the site starts, and writers get new codes by their telephone."
    )
    number = "W019" if settings.SECRET_KEY_FALLBACKS else "E019"
    words = "SECRET_KEY is not the one under which writers were given their query codes: none fits."
    return [found(number, words, hint)]


def check_tables():
    """Refuse tables of another version than this code: for who works by itself, and would fail at each row.

    Not asked where pages are served, which mostly go on, nor by `migrate`, which is the remedy.
    """
    try:
        loader = MigrationLoader(connection)
    except DatabaseError:
        return []
    ours, theirs = set(loader.disk_migrations), set(loader.applied_migrations)
    apps = {app for app, _name in ours}
    older = sorted(ours - theirs)
    newer = sorted(one for one in theirs - ours if one[0] in apps)
    if not older and not newer:
        return []
    words = "The tables are of {} version: {}.{}"
    words = words.format("an older", *older[0]) if older else words.format("a newer", *newer[-1])
    hint = "Run manage.py migrate." if older else "Start the version that made them."
    return [found("E018", words, hint)]


def are_clocks_right():
    """Tell whether the clocks of the servers that answer are this machine's."""
    return all(abs(seconds) <= CLOCKS_SECONDS for seconds in differences().values())


def differences():
    """Return {server: seconds that its clock is ahead of this machine's}, of those that answer.

    What the question took is halved, as its answer was given in the middle of it.
    """
    ahead = {}
    for name, ask in (("the database", _database_time), ("Redis", _redis_time)):
        before = worlds.now().timestamp()
        try:
            there = ask()
        except (DatabaseError, redis.RedisError):
            continue
        ahead[name] = there - (before + worlds.now().timestamp()) / 2
    return ahead


def _database_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return cursor.fetchone()[0]


def _redis_time():
    with broker() as client:
        seconds, millionths = client.time()
    return seconds + millionths / 1_000_000


def broker():
    """Return a connection to Redis that does not wait long for it; raises redis.RedisError when used."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        decode_responses=True,
    )
