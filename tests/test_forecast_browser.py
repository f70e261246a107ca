"""The forecast's page in a real browser: its picture is drawn, within the screen, under the CSP."""

from datetime import UTC, datetime

import pytest
from django.conf import settings

from cases import worlds
from simulation import forecasts, studies
from simulation.models import Study
from tests.browser import listened
from tests.people import build_officer
from tests.reports import no_tasks_left  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_tasks_left"),
]


@pytest.fixture(autouse=True)
def in_march(monkeypatch):
    """A day for which the calendar is known, whenever the tests are run."""
    monkeypatch.setattr(worlds, "now", lambda: datetime(2026, 3, 20, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize("width, scheme", [(320, "dark"), (1280, "light")])
def test_its_picture_is_drawn_within_the_screen(browser, live_server, client, width, scheme):
    study = forecasts.create(weeks=1, replications=2)
    Study.objects.filter(pk=study.pk).update(status=Study.RUNNING)
    for row in study.replications.all():
        studies.replicate(row.pk)
    client.force_login(build_officer("lead_case"))
    session = live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value
    looks = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with listened(browser, session=session, **looks) as page:
        page.goto(f"{live_server.url}/simulation/forecast/")
        page.wait_for_selector("[data-forecast] canvas")
        inked = page.evaluate(
            """() => {
              const canvas = document.querySelector("[data-forecast] canvas");
              const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
              return pixels.data.filter((value, n) => n % 4 === 3 && value).length;
            }"""
        )
        assert inked > 1000
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
