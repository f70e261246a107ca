"""The page by which a load balancer or a container engine asks whether all is well."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.checks import is_calendar_known
from config.server_checks import are_clocks_right

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
    }
    parts["migrations"] = parts["database"] and not _pending_migrations()
    words = {name: "ok" if well else "failed" for name, well in parts.items()}
    return JsonResponse(words, status=200 if all(parts.values()) else 503)


def _is_database_well():
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        log.exception("health: the database does not answer")
        return False
    return True


def _is_redis_well():
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2
        ) as client:
            return client.ping()
    except redis.RedisError:
        log.exception("health: Redis does not answer")
        return False


def _pending_migrations():
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())
