"""Finding and merging in a real browser: by keyboard from the box, and nothing for axe to find."""

import pytest

from cases import worlds
from cases.models import Case
from cases.transitions import State
from tests.browser import violations
from tests.people import PERSON
from tests.test_desk_browser import NARROW, WIDE, desk, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
AGAIN = "小区门口的红绿灯还是坏的，孩子上学过马路仍然很危险，请尽快维修。"


@pytest.fixture
def had(cast):
    """A letter, and another about the same matter."""
    first = cast.make_case(State.ACCEPTED, at=worlds.now())
    return first, cast.make_case(at=worlds.now(), title="红绿灯还没修好", body=AGAIN, person={})


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_letter_is_found_from_the_box_and_merged(browser, live_server, cast, had, viewport):
    first, again = had
    found = {}
    with desk(browser, live_server, cast.writer, viewport) as page:
        page.fill("#box-q", "红绿灯 还没修")
        page.press("#box-q", "Enter")
        page.wait_for_selector(".hits mark")
        assert page.locator(".hits li").count() == 1
        found["search"] = [fits(page), violations(page)]
        page.click(".hit-title a")
        page.click(".similar-list a")
        page.wait_for_selector(".beside mark")
        found["beside"] = [fits(page), violations(page)]
        page.click(".beside-steps button.default")
        page.wait_for_selector(".messagelist .success")
        page.goto(f"{live_server.url}/desk/{first.letter.receipt}/")
        page.click(".merged summary")
        assert AGAIN in page.inner_text(".merged")
        assert "并入一件来信" in page.inner_text(".events")
        found["main"] = [fits(page), violations(page)]
    assert found == dict.fromkeys(found, [True, []])
    assert Case.objects.get(pk=again.pk).merged_into_id == first.pk


def test_telephone_number_is_never_in_the_address(browser, live_server, cast, had):
    with desk(browser, live_server, cast.writer) as page:
        page.fill("#box-q", PERSON["phone"])
        page.press("#box-q", "Enter")
        page.wait_for_selector("#writer-reason:focus")
        page.fill("#writer-reason", "核对是否重复来信")
        assert violations(page) == []
        page.press("#writer-reason", "Enter")
        page.wait_for_selector(".hits li")
        assert PERSON["phone"] not in page.url and page.locator(".hits li").count() == 1
        assert violations(page) == []
