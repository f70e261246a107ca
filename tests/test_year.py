"""The home page's figures of the last year: of the log, and none where there are too few."""

from datetime import timedelta
from statistics import median_low

import pytest
from django.core.cache import cache

from cases import worlds
from cases.models import Case, Event
from cases.statistics import Tally, rates
from mailbox import year
from tests.citizens import send
from tests.reports import no_tasks_left, small_run  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tasks_left")]


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.delete(year._KEY)
    yield
    cache.delete(year._KEY)


def test_figures_are_those_of_the_statistics():
    run = small_run(letters=600)
    with worlds.enter(run.world):
        told = year.figures()
        tally = Tally()
        for case in Case.objects.select_related("letter"):
            tally.add_case(case, Event.objects.filter(case=case).order_by("seq"))
        now = worlds.now()
        since, until = now.date() - timedelta(days=365), now.date()
        counts = {name: tally.total(name, until, since) for name in told | {"rated": 0}}
        names = "replied reply_kept reply_late rated satisfied solved_by_word declined".split()
        counts |= {name: tally.total(name, until, since) for name in names}
        for name in ("received", "solved", "thanks"):
            assert told[name] == counts[name] > 0
        for name in ("on_time", "satisfied", "solved_by_word"):
            assert told[name] == int(100 * rates(counts)[name])
        taken = [
            (c.replied_at - c.received_at).total_seconds() / 86_400 if c.replied_at else 10_000
            for c in Case.objects.filter(received_at__gte=now - timedelta(days=365))
        ]
        assert 0 <= told["half_days"] - median_low(taken) <= 1


def test_home_says_from_when_it_tells_figures_and_all_of_its_promises(client):
    send(client)
    page = client.get("/").text
    assert "满100封后" in page and 'class="year"' not in page and "要多久" in page
    assert "30分钟" in page and "最迟2天" in page and "最迟20天" in page
    for door in ("110", "12389", "12345", "12110", "gjxfj.gov.cn"):
        assert door in page


def test_home_does_without_its_cache(client, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert client.get("/").status_code == 200
