"""The floor of sending a letter: a view that only inserts the rows which a letter leaves.

A WSGI application of the bench, which no other process imports: its address exists nowhere else.
Server, middleware, CSRF check, session and transaction are the site's. It has no form, checks
nothing, looks nothing up and answers with one word. The rows are copies of those that real letters
have just left, whatever tables these are in.
"""

import copy
import itertools
import os
import secrets
import uuid
from functools import cache

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.apps import apps  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import path  # noqa: E402

from cases.models import Letter  # noqa: E402

COPIED = 100  # letters, in turn
_turns = itertools.count()


def keep(request):
    """Insert the rows of a letter, and what its sender's session holds."""
    if request.method != "POST":
        return HttpResponse(f'<input name="csrfmiddlewaretoken" value="{get_token(request)}">')
    found = letters()
    number = insert(found[next(_turns) % len(found)])
    request.session["sent"] = {"case": number, "key": str(uuid.uuid4())}
    return HttpResponse("kept")


urlpatterns = [path("floor/", keep)]
settings.ROOT_URLCONF = __name__


@cache
def letters():
    """Return the rows of each of the newest letters, those that others refer to first."""
    newest = Letter.objects.order_by("-pk")[:COPIED]
    writers = ", ".join(str(one.pk) for one in newest)
    query = f"SELECT *, xmin::text AS wrote FROM {{}} WHERE xmin::text IN (SELECT xmin::text FROM cases_letter WHERE id IN ({writers}))"
    found = {}
    for model in apps.get_models():
        for row in model._default_manager.raw(query.format(model._meta.db_table)):
            found.setdefault(row.wrote, []).append(row)
    return [_ordered(rows) for rows in found.values()]


def _ordered(rows):
    """Return rows so that each comes after those that it refers to."""
    placed = []
    while len(placed) < len(rows):
        left = [row for row in rows if row not in placed]
        names = {_name(row) for row in left}
        placed += [row for row in left if not names & {one for _field, one in _referred(row)}]
    return placed


def _referred(row):
    """Return [(field, name of the row it refers to)]."""
    fields = [field for field in row._meta.concrete_fields if field.is_relation]
    return [(f, (f.related_model._meta.label, getattr(row, f.attname))) for f in fields]


def _name(row):
    return row._meta.label, row.pk


def insert(rows):
    """Insert copies of the rows in one transaction; return the new letter's number."""
    made = {}
    with transaction.atomic():
        for row in rows:
            made[_name(row)] = new = copy.copy(row)
            new._state = models.base.ModelState()
            for field in row._meta.concrete_fields:
                if field.primary_key and not field.is_relation:
                    setattr(new, field.attname, None)
                elif field.unique and not field.is_relation:
                    setattr(new, field.attname, _another(getattr(row, field.attname)))
            for field, name in _referred(row):
                if name in made:
                    setattr(new, field.attname, made[name].pk)
            new.save(force_insert=True)
    return next(new.pk for new in made.values() if isinstance(new, Letter))


def _another(value):
    """Return another value of the same kind and length, for a column in which none comes twice."""
    if isinstance(value, str):
        return secrets.token_hex(len(value))[: len(value)]
    return uuid.uuid4()
