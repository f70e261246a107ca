"""Where an officer is signed in: seen and ended by themself, all ended by an administrator."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from cases import browsers
from cases.desk.own_sessions import sessions_of
from cases.models import Officer, Session
from tests.browser import listened, violations
from tests.people import PASSWORD
from tests.test_sessions import HOUR, age

pytestmark = pytest.mark.django_db

OWN = "/admin/session/own/"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0 Safari/537.36 Edg/126.0"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)
HOSTILE = "<script>alert(1)</script> 张三 19500000000"


def come(officer, agent="", place="127.0.0.1"):
    """Return a browser in which an officer has signed in with name and password."""
    browser = Client(headers={"user-agent": agent}, REMOTE_ADDR=place)
    said = {"username": officer.username, "password": PASSWORD, "next": "/desk/"}
    assert browser.post("/admin/login/", said).url == "/desk/"
    return browser


def is_in(browser):
    return browser.get("/admin/session/").status_code == 200


@pytest.fixture
def officer(make_officer):
    return make_officer("triage_case", username="sz-desk")


@pytest.mark.parametrize(
    "agent, said",
    [
        (EDGE, "Edge（Windows）"),
        (IPHONE, "Safari（iPhone）"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox（Linux）"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/99 MicroMessenger/8.0", "微信（安卓）"),
        ("curl/8 (Windows)", "Windows"),
        (HOSTILE, "认不出的浏览器"),
        ("", "认不出的浏览器"),
    ],
)  # fmt: skip
def test_browser_is_told_in_plain_words_and_nothing_else_of_it_is_kept(agent, said):
    codes = browsers.told_of(agent)
    assert browsers.words(codes) == said
    assert all(len(code) < 9 for code in codes)


def test_officer_sees_where_they_are_signed_in_and_this_one_is_marked(officer, make_officer):
    here, there = come(officer, EDGE), come(officer, IPHONE, "203.0.113.9")
    other = make_officer("triage_case", username="gz-desk")
    come(other, HOSTILE, "198.51.100.7")
    page = here.get(OWN)
    mine, elsewhere = page.context["rows"]
    assert (mine.is_this, mine.browser, mine.place) == (True, "Edge（Windows）", "127.0.0.1")
    assert (elsewhere.is_this, elsewhere.browser, elsewhere.place) == (
        False,
        "Safari（iPhone）",
        "203.0.113.9",
    )
    assert page.text.count("当前登录") == 1 and "198.51.100.7" not in page.text
    for browser in (here, there):
        assert browser.session.session_key not in page.text
    there.defaults["REMOTE_ADDR"] = "203.0.113.77"  # it goes on from somewhere else
    age(there, seen=120)
    there.get("/desk/")
    assert "最近在 203.0.113.77" in here.get(OWN).text
    assert HOSTILE not in str([row.get_decoded() for row in Session.objects.all()])


def test_one_session_is_ended_once_it_is_confirmed(officer):
    here, there, third = come(officer), come(officer, IPHONE), come(officer, EDGE)
    mark = next(one.mark for one in sessions_of(officer) if "Safari" in one.browser)
    assert here.get(OWN, {"end": mark, "sure": "yes"}).status_code == 200
    asked = here.post(OWN, {"end": mark})
    assert "确定结束" in asked.text and "Edge" not in asked.text
    assert is_in(there)
    assert here.post(OWN, {"end": mark, "sure": "yes"}).url == OWN
    assert not is_in(there) and is_in(here) and is_in(third)
    assert "可能已经结束了" in here.post(OWN, {"end": mark, "sure": "yes"}, follow=True).text
    entry = LogEntry.objects.latest("pk")
    assert entry.user == officer and entry.change_message == "结束了自己的1个登录。"


def test_all_others_are_ended_and_this_one_goes_on(officer, make_officer):
    here, there, third = come(officer), come(officer), come(officer)
    other = come(make_officer("triage_case", username="gz-desk"))
    assert len(here.post(OWN, {"end": "others"}).context["rows"]) == 2
    here.post(OWN, {"end": "others", "sure": "yes"})
    assert [is_in(one) for one in (here, there, third, other)] == [True, False, False, True]
    [left] = here.get(OWN).context["rows"]
    assert left.is_this and "结束其他所有登录" not in here.get(OWN).text


@pytest.mark.parametrize("end", ["", "\x00", "x" * 5000, "own", "key", "another's"])
def test_nothing_else_is_ended(officer, make_officer, end):
    here = come(officer)
    other = make_officer("triage_case", username="gz-desk")
    elsewhere = come(other)
    [mine], [theirs] = sessions_of(officer), sessions_of(other)
    said = {"own": mine.mark, "key": theirs.row.pk, "another's": theirs.mark}.get(end, end)
    assert here.post(OWN, {"end": said, "sure": "yes"}).url == OWN
    assert is_in(here) and is_in(elsewhere) and not LogEntry.objects.exists()


def test_list_holds_what_is_open_and_nothing_that_has_ended(officer):
    here, away, out, half = come(officer), come(officer), come(officer), Client()
    age(away, seen=HOUR)
    out.post("/admin/logout/")
    half.post("/admin/login/", {"username": officer.username, "password": "wrong"})
    half.get("/")
    assert len(here.get(OWN).context["rows"]) == 1
    said = {"old_password": PASSWORD, "new_password1": "chang-cheng-2026"}
    answer = here.post("/admin/password_change/", {**said, "new_password2": said["new_password1"]})
    assert answer.status_code == 302  # which gives the session another key
    [row] = here.get(OWN).context["rows"]
    assert row.is_this


def test_administrator_ends_all_sessions_of_an_officer_on_a_reason(client, officer, make_officer):
    administrator = make_officer("view_officer", "change_officer", unit="440000")
    lost = come(officer, place="203.0.113.9")
    client.force_login(administrator)
    place = f"/admin/cases/officer/{officer.pk}/sessions/"
    assert place in client.get(f"/admin/cases/officer/{officer.pk}/change/").text
    page = client.get(place).text
    assert "现有1个" in page and "203.0.113.9" not in page and is_in(lost)
    assert "errorlist" in client.post(place, {"reason": " "}).text and is_in(lost)
    assert client.post(place, {"reason": "笔记本电脑丢失"}).status_code == 302
    assert not is_in(lost) and is_in(client) and sessions_of(officer) == []
    entry = LogEntry.objects.latest("pk")
    assert entry.user == administrator and entry.object_id == str(officer.pk)
    assert entry.change_message == "结束了所有登录：笔记本电脑丢失"


def test_nobody_ends_sessions_of_themself_or_of_one_above_them_there(client, make_officer):
    administrator = make_officer("view_officer", "change_officer", unit="440000")
    above = Officer.objects.create_superuser("root", password=PASSWORD)
    client.force_login(administrator)
    for one in (administrator, above):
        place = f"/admin/cases/officer/{one.pk}/sessions/"
        assert client.post(place, {"reason": "笔记本电脑丢失"}).status_code == 403
        assert place not in client.get(f"/admin/cases/officer/{one.pk}/change/").text
    assert client.get("/admin/cases/officer/999999/sessions/").status_code == 404


def test_session_of_before_the_limits_shows_from_its_next_request_on(officer):
    here = come(officer)
    session = here.session
    del session["limits"]
    session.save()
    assert sessions_of(officer) == []
    here.get("/desk/")
    assert len(here.get(OWN).context["rows"]) == 1


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_page_is_used_by_everyone_on_a_small_screen(browser, live_server, officer):
    here, there = come(officer, EDGE), come(officer, IPHONE)
    session = live_server.url, here.session.session_key
    with listened(browser, session=session, viewport={"width": 320, "height": 700}) as page:
        page.goto(f"{live_server.url}/desk/")
        page.get_by_role("link", name="我的登录").click()
        assert violations(page) == []
        page.get_by_role("button", name="结束 Safari（iPhone）").click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.get_by_role("button", name="确定结束").click()
        page.get_by_text("已结束1个登录。").wait_for()
        assert page.get_by_text("Safari").count() == 0
    assert not is_in(there)
