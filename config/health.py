"""The page by which a load balancer or a container engine asks whether all is well."""

import logging

import redis
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases import attachments, heartbeats
from config.checks import is_calendar_known
from config.server_checks import are_clocks_right, broker
from simulation import claims

log = logging.getLogger(__name__)


@require_safe
@never_cache
def health(request):
    """Answer 200 when every part is well, else 503; reasons go to the log, not to the caller."""
    parts = {
        "database": _is_database_well(),
        "redis": _is_redis_well(),
        "calendar": is_calendar_known(),
        "clocks": are_clocks_right(),
        "files": _has_room(),
    }
    parts["migrations"] = parts["database"] and not _pending_migrations()
    if parts["database"]:  # else nothing is known of what the workers do
        parts["tasks"] = _is_heard("default")
        parts["simulation"] = claims.any_held() or _is_heard("simulation")
    return _answer(parts)


@require_safe
@never_cache
def ready(request):
    """Answer 200 while letters can be written and followed, whatever else is not well.

    For whoever decides where requests go: without Redis or workers the door stays open.
    """
    database = _is_database_well()
    return _answer({"database": database, "migrations": database and not _pending_migrations()})


def _answer(parts):
    words = {name: "ok" if well else "failed" for name, well in parts.items()}
    return JsonResponse(words, status=200 if all(parts.values()) else 503)


def _is_database_well():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_read_only")
            (read_only,) = cursor.fetchone()
    except DatabaseError:
        log.exception("health: the database does not answer")
        return False
    if read_only == "on":
        log.error("health: the database takes nothing new: it is a standby, or was made read-only")
    return read_only == "off"


def _is_redis_well():
    try:
        with broker() as client:
            return client.ping()
    except redis.RedisError:
        log.exception("health: Redis does not answer")
        return False


def _has_room():
    """Tell whether two letters with all the files they may have find room on the disk."""
    needed = 2 * attachments.MAX_FILES * attachments.MAX_BYTES
    try:
        free = attachments.free_bytes()
    except OSError:
        log.exception("health: the folder of the attachments cannot be reached")
        return False
    if free < needed:
        log.error("health: %d MB left for attachments", free // 1024**2)
    return free >= needed


def _is_heard(queue):
    heard = heartbeats.is_heard(queue)
    if not heard:
        log.error("health: queue %s does nothing: no beat, no broker, or no worker", queue)
    return heard


def _pending_migrations():
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())
