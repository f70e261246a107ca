"""Every page of the desk asks the database as often for many rows as for few."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import worlds
from cases.models import Batch, Disclosure, Duty, Event, Export, Letter, Mention, SavedView
from simulation import desk_lists
from tests.reports import no_tasks_left, small_run  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]

# Where there is nothing to show, what it is shown with isn't asked for either.
FEWER = 4


@pytest.fixture
def officer(make_officer):
    """An officer of the department with every right."""
    found = make_officer(unit="440000")
    found.user_permissions.set(Permission.objects.all())
    return found


def fill(world, officer, count):
    """Add to a world, and to what is common, what its letters alone do not bring to the officer's pages."""
    with worlds.enter(world):
        at, letters = worlds.now(), Letter.objects.all()[:count]
        Disclosure.objects.bulk_create(
            Disclosure(letter=letter, user=officer, reason="核实", at=at) for letter in letters
        )
        events = Event.objects.filter(action="accept")[:count]
        Mention.objects.bulk_create(Mention(event=one, officer=officer) for one in events)
        Export.objects.bulk_create(
            Export(user=officer, at=at, filters="?scope=all", rows=1) for _n in range(count)
        )
        Batch.objects.bulk_create(
            Batch(officer=officer, action="urge", created_at=at) for _n in range(count)
        )
        Duty.objects.all().delete()
        minute = timedelta(minutes=1)
        Duty.objects.bulk_create(
            Duty(unit=officer.unit, officer=officer, starts_at=at + n * minute, ends_at=at + (n + 1) * minute)
            for n in range(count)
        )  # fmt: skip
    SavedView.objects.filter(officer=officer).delete()
    SavedView.objects.bulk_create(
        SavedView(officer=officer, name=f"视图{n}", address="?scope=all") for n in range(count)
    )


def asked(client, world):
    """Return {page: how many queries it takes} of the pages of the desk in a world."""
    client.post("/desk/world/enter/", {"schema": world.schema})
    found = {}
    for page in desk_lists.pages():
        if desk_lists.is_list(client.get(page)):
            with CaptureQueriesContext(connection) as queries:
                assert desk_lists.is_list(client.get(page)), page
            found[page] = len(queries)
    return found


def test_pages_take_as_many_queries_for_sixty_rows_as_for_five(client, officer):
    client.force_login(officer)
    found = []
    for letters, rows in ((120, 5), (900, 60)):
        run = small_run(letters=letters)
        fill(run.world, officer, rows)
        found.append(asked(client, run.world))
    few, many = found
    assert few.keys() == many.keys() and len(few) > 20
    assert {page: n for page, n in many.items() if n > few[page] + FEWER} == {}
    assert max(many.values()) < 40, many
