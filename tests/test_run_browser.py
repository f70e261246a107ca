"""The planner's pages in a real browser, under the strict Content-Security-Policy."""

import re
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.urls import reverse

from cases import worlds
from simulation import runs, studies
from simulation.models import Run
from tests import test_staff_pages
from tests.browser import listened, violations
from tests.reports import full_run, no_tasks_left  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_tasks_left"),
]


@pytest.fixture
def planner(browser, live_server, client, make_officer):
    """Open a page of the site as a planner: planner("run", run, width=…)."""
    client.force_login(make_officer("run_simulation"))
    session = live_server.url, client.cookies[settings.SESSION_COOKIE_NAME].value
    with ExitStack() as pages:

        def opened(name, run=None, width=1280, **options):
            size = {"width": width, "height": 800}
            page = listened(browser, session=session, viewport=size, **options)
            page = pages.enter_context(page)
            page.goto(live_server.url + reverse(f"simulation:{name}", args=[run.pk] if run else []))
            return page

        yield opened


def overflow(page):
    """Return by how many pixels the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


# For each picture the share of its pixels that are not background.
_DRAWN = """[...document.querySelectorAll("[data-chart]")].map((box) => Math.max(
  ...[...box.querySelectorAll("canvas")].map((canvas) => {
    const {width, height} = canvas;
    const copy = Object.assign(document.createElement("canvas"), {width, height});
    const paper = copy.getContext("2d", {willReadFrequently: true});
    paper.drawImage(canvas, 0, 0);
    const pixels = paper.getImageData(0, 0, width, height).data;
    let inked = 0;
    for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) inked += 1;
    return inked / (width * height);
  })))"""


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_draws_its_pictures_within_the_screen(planner, width, scheme):
    page = planner("run", full_run(), width=width, color_scheme=scheme)
    shares = page.evaluate(_DRAWN)
    assert len(shares) == 10 and min(shares) > 0.005
    assert overflow(page) <= 0


def test_pictures_follow_the_width_of_the_window(planner):
    page = planner("run", full_run(), width=1280)
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.querySelector('[data-chart] canvas').clientWidth < 390")
    assert overflow(page) <= 0
    assert violations(page) == []


def test_pointing_at_a_picture_breaks_no_policy(planner):
    page = planner("run", full_run())
    box = page.locator("[data-chart=sums]")
    before = page.evaluate(_DRAWN)[2]
    box.hover(position={"x": 400, "y": 200})
    page.wait_for_function(f"{_DRAWN}[2] > {before + 0.01}", polling=200)  # the tooltip fades in


@pytest.mark.parametrize("name", ["list", "new", "new-study", "staff-list", "staff"])
def test_other_pages_fit_a_phone_and_axe_finds_nothing(planner, name):
    runs.create("guangdong-2021", letters=300, name="一个很长的名字" * 8, note="备注" * 100)
    study = test_staff_pages.made()
    studies.finish(study, test_staff_pages.ANSWER)
    page = planner(name, study if name == "staff" else None, width=320)
    assert overflow(page) <= 0
    assert violations(page) == []


def test_watched_run_moves_on_and_shows_its_end_by_itself(planner):
    run = runs.create("guangdong-2021", letters=2000)
    page = planner("run", run)
    Run.objects.update(status=Run.RUNNING, started_at=worlds.now(), simulated=1000)
    page.wait_for_selector("progress[value='25']")
    runs.fail(run.pk, "shard 1 failed")
    page.wait_for_selector("text=shard 1 failed")


def test_double_click_starts_one_run(planner):
    page = planner("new")
    page.fill("[name=letters]", "300")
    page.dblclick("button[type=submit].default")
    page.wait_for_url(re.compile(r"/simulation/(\d+/)?$"))
    assert Run.objects.count() == 1


def test_report_is_whole_on_paper(planner):
    page = planner("run", full_run(), width=1280, color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.evaluate("[...document.querySelectorAll('canvas')].map((c) => c.clientWidth)")
    assert max(widths) <= 660
    assert page.locator("details.numbers table").first.is_visible()
    assert not page.locator(".actions").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
