"""How long officers stay signed in, what counts as being there, and that nothing typed is lost."""

import os
import re
import runpy
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client

from cases import tasks, worlds
from cases.desk import sessions
from cases.models import Case, Draft, Session
from cases.transitions import State
from tests.browser import listened, violations
from tests.desk_page import address
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

SESSION, MINUTE, HOUR = "/admin/session/", 60, 3600


def age(client, seen=0, began=0):
    """Let the officer have been away for `seen` seconds, and signed in for `began` more."""
    session = client.session
    limits = session[sessions.SESSION_KEY]
    session[sessions.SESSION_KEY] = {
        "seen": limits["seen"] - seen,
        "began": limits["began"] - max(began, seen),
    }
    session.save()


def seen(client):
    return client.session[sessions.SESSION_KEY]["seen"]


@pytest.mark.parametrize("place", ["/desk/?scope=all", "/admin/", "/simulation/"])
@pytest.mark.parametrize(
    "away", [{"seen": 31 * MINUTE}, {"seen": 9, "began": 12 * HOUR + 9}, {"seen": -2 * HOUR}]
)
def test_who_is_away_or_here_for_too_long_is_signed_out(desk, place, away):
    key = desk.session.session_key
    age(desk, **away)
    door = desk.get(place)
    assert door.url == f"/admin/login/?next={quote(place, safe='')}"
    assert not Session.objects.filter(pk=key).exists()
    assert "为安全已退出登录" in desk.get(door.url).content.decode()
    typed = {"username": desk.officer.username, "password": PASSWORD, "next": place}
    assert desk.post("/admin/login/", typed).url == place


def test_who_does_something_stays_for_half_a_day(desk):
    for _time in range(3):
        age(desk, seen=29 * MINUTE)
        assert desk.get("/desk/").status_code == 200
    assert desk.get(SESSION).json()["left"] > 29 * MINUTE


def test_what_an_open_page_asks_by_itself_keeps_nobody_signed_in(desk, cast):
    case = cast.make_case(State.RECEIVED)
    age(desk, seen=20 * MINUTE)
    before = seen(desk)
    asked = [
        desk.get("/desk/counts/"),
        desk.post(address(case, "presence/"), {"seen": case.seq}),
        desk.get("/simulation/?part=rows"),
        desk.get("/simulation/forecast/progress/"),
        desk.get(SESSION),
    ]
    assert [a.status_code for a in asked] == [200] * 5 and seen(desk) == before
    assert asked[-1].json()["left"] <= 10 * MINUTE
    assert desk.post(SESSION).json()["left"] > 29 * MINUTE and seen(desk) > before


def test_session_is_written_once_a_minute_at_most(desk):
    before = seen(desk)
    desk.get("/desk/")
    assert seen(desk) == before
    age(desk, seen=2 * MINUTE)
    desk.get("/desk/")
    assert seen(desk) >= before


@pytest.mark.parametrize("place", ["note/", "draft/note/"])
def test_form_that_comes_too_late_is_kept_as_a_draft_and_not_taken(desk, cast, place):
    case = cast.make_case(State.IN_HAND)
    age(desk, seen=31 * MINUTE)
    door = desk.post(address(case, place), {"seen": case.seq, "text": "写了很久的一段话"})
    assert door.url.startswith("/admin/login/?next=") and "step-note" in door.url
    assert "已存为草稿" in desk.get(door.url).content.decode()
    assert Case.objects.get(pk=case.pk).seq == case.seq
    assert Draft.objects.get().typed["text"] == "写了很久的一段话"
    desk.force_login(desk.officer)
    assert "写了很久的一段话" in desk.get(address(case)).content.decode()


@pytest.mark.parametrize("receipt, action", [("PA-0000-0000-00", "note"), ("-", "nonsense")])
def test_late_form_of_what_is_not_there_is_only_signed_out(desk, receipt, action):
    age(desk, seen=31 * MINUTE)
    assert desk.post(f"/desk/{receipt}/{action}/", {"text": "x"}).status_code == 302
    assert not Draft.objects.exists()


def test_forged_late_form_writes_no_draft(cast, settings):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.writer)
    case = cast.make_case(State.IN_HAND)
    age(client, seen=31 * MINUTE)
    assert client.post(address(case, "note/"), {"text": "x"}).status_code == 403
    assert not Draft.objects.exists()


def test_sessions_that_have_run_out_are_forgotten(desk):
    run_out = Session.objects.create(
        session_key="old", expire_date=worlds.now() - timedelta(days=1)
    )
    tasks.forget_sessions()
    assert not Session.objects.filter(pk=run_out.pk).exists()
    assert Session.objects.filter(pk=desk.session.session_key).exists()


def test_nobody_is_asked_about_a_session_that_is_not_there(client, db):
    assert client.get(SESSION).status_code == 302


@pytest.mark.parametrize(
    "site, prefix", [("https://mailbox.example", "__Host-"), ("http://127.0.0.1", "")]
)
def test_cookies_are_as_strict_as_the_address_allows(monkeypatch, site, prefix):
    monkeypatch.setitem(os.environ, "SITE_URL", site)
    read = runpy.run_path(settings.BASE_DIR / "config" / "settings.py")
    secure = bool(prefix)
    for name in ("SESSION", "CSRF"):
        assert read[f"{name}_COOKIE_SECURE"] is secure
        named = read.get(f"{name}_COOKIE_NAME", getattr(settings, f"{name}_COOKIE_NAME"))
        assert named.startswith(prefix or ("sessionid", "csrftoken"))
    assert read["CSRF_COOKIE_HTTPONLY"] and settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"
    assert settings.SESSION_COOKIE_PATH == settings.CSRF_COOKIE_PATH == "/"
    assert not settings.SESSION_COOKIE_DOMAIN and not settings.CSRF_COOKIE_DOMAIN


def test_cookies_say_so(client, cast):
    client.get("/admin/login/")
    client.post("/admin/login/", {"username": "all-rights", "password": PASSWORD})
    for name in ("sessionid", "csrftoken", "known_officer"):
        cookie = client.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax", name


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_officer_is_told_before_and_stays_by_a_click(browser, live_server, desk, settings):
    settings.SESSION_IDLE_MINUTES = 4  # shorter than the time at which a page tells of the end
    session = live_server.url, desk.session.session_key
    with listened(browser, session=session, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"{live_server.url}/desk/")
        note = page.locator("form.session-note")
        note.wait_for(state="visible")
        assert re.search(r"将在 [34] 分钟内自动退出", note.inner_text())
        assert violations(page) == []
        settings.SESSION_IDLE_MINUTES = 30
        note.locator("button").click()
        note.wait_for(state="hidden")
        settings.SESSION_IDLE_MINUTES = 4
        page.evaluate("document.querySelector('form.session-note').requestSubmit()")
        note.wait_for(state="visible")
        age(desk, seen=31 * MINUTE)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        note.locator("a").wait_for(state="visible")
        assert "已退出登录" in note.inner_text() and "在新窗口登录" in note.inner_text()
        settings.SESSION_IDLE_MINUTES = 30
        with page.context.expect_page() as opened:
            note.locator("a").click()
        opened.value.fill("#id_username", desk.officer.username)
        opened.value.fill("#id_password", PASSWORD)
        opened.value.click("input[type=submit]")
        opened.value.wait_for_url("**/admin/")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        note.wait_for(state="hidden")
        with page.expect_response("**/admin/logout/") as answered:
            page.click("#logout-form button")  # a form of before, with the token of now
        assert answered.value.status == 200
