"""One-time passwords of officers: each code taken once, and no way round them."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from cases import crypto, second_factor, throttle, worlds
from cases.desk import second_factor_pages
from cases.models import Officer, RecoveryCode, SecondFactor
from tests.browser import violations
from tests.devices import (  # noqa: F401
    LOGIN,
    NEW,
    OWN,
    SECRET,
    STEP,
    bind,
    code,
    give,
    give_password,
    required,
    secret_on,
    signed_in,
    sz_desk,
    text,
)
from tests.people import MORNING, PASSWORD
from tests.visitors import fits

pytestmark = pytest.mark.django_db
TWO_CLICKS = """() => {
  const button = document.querySelector(".submit-row input");
  button.click();
  setTimeout(() => button.click(), 50);
}"""


# -- codes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps, taken", [(-2, ""), (-1, "code"), (0, "code"), (1, "code"), (2, "")]
)
def test_code_of_a_clock_that_is_a_step_off_is_taken(officer, steps, taken):
    bind(officer, MORNING.replace(year=2025))
    assert second_factor.accepts(officer, code(MORNING, steps), MORNING) == taken


def test_code_is_taken_once_and_none_from_before_it(officer):
    bind(officer)
    assert not second_factor.accepts(officer, code(MORNING), MORNING)  # it was used for binding
    assert second_factor.accepts(officer, code(MORNING, 1), MORNING)
    for steps in (-1, 0, 1):
        assert not second_factor.accepts(officer, code(MORNING, steps), MORNING)


def test_clock_that_ran_ahead_for_a_while_keeps_nobody_out(officer):
    bind(officer)
    for at in (MORNING.replace(year=2999), MORNING.replace(minute=5)):
        assert second_factor.accepts(officer, code(at), at) == "code"
        for steps in (-1, 0):  # neither it nor what is before it is taken again
            assert not second_factor.accepts(officer, code(at, steps), at)


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "\x00", "１２３", "9" * 5000, "+-*/"])
def test_nonsense_is_no_code(officer, typed):
    bind(officer)
    assert not second_factor.accepts(officer, typed, MORNING)


def test_code_is_read_however_it_is_typed(officer):
    bind(officer)
    typed = code(MORNING, 1).translate({ord("0") + i: 0xFF10 + i for i in range(10)})
    assert second_factor.accepts(officer, f" {typed[:3]} {typed[3:]} ", MORNING) == "code"


def test_recovery_codes_are_ten_hashed_and_good_once(officer, make_officer):
    codes = bind(officer)
    assert len(set(codes)) == 10 == second_factor.codes_left(officer)
    stored = " ".join(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert not any(c in stored or c.replace("-", "") in stored for c in codes)
    assert not second_factor.accepts(make_officer(), codes[0], MORNING)
    typed = codes[0].lower().replace("-", " ")
    assert second_factor.accepts(officer, typed, MORNING) == "recovery"
    assert second_factor.accepts(officer, typed, MORNING) == ""
    assert second_factor.codes_left(officer) == 9
    fresh = second_factor.new_recovery_codes(officer)
    assert not second_factor.accepts(officer, codes[1], MORNING)
    assert second_factor.accepts(officer, fresh[0], MORNING)


def test_secret_lies_sealed_in_the_database(officer, client):
    give_password(client)
    shown = secret_on(client.get(STEP))
    bind(officer)
    with connection.cursor() as cursor:
        for table in ("cases_secondfactor", "django_session", "cases_recoverycode"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            assert SECRET not in cursor.fetchone()[0]
    assert shown not in str(dict(client.session))
    factor = SecondFactor.objects.get()
    assert crypto.open_sealed(factor.key_id, factor.sealed) == {"secret": SECRET}


# -- signing in --------------------------------------------------------------------------------


def test_first_sign_in_binds_a_device_and_shows_recovery_codes_once(client, officer):
    assert give_password(client, onward="/desk/?scope=all").url == STEP
    page = client.get(STEP)
    secret = secret_on(page)
    assert "<svg" in text(page) and "script" not in text(page).split('id="content"')[1]
    assert secret_on(client.get(STEP)) == secret and not signed_in(client)
    wrong = give(client, "000000" if code(secret=secret) != "000000" else "111111")
    assert "动态口令不对" in text(wrong) and secret_on(wrong) == secret
    shown = give(client, code(secret=secret))
    assert shown["Cache-Control"].count("no-store")
    codes = re.findall(r"<code>([\w-]+)</code>", text(shown))
    assert len(codes) == 10 and not signed_in(client)
    assert codes[0] not in text(client.get(STEP))
    assert client.post(STEP).url == "/desk/?scope=all" and signed_in(client)
    assert LogEntry.objects.filter(object_id=str(officer.pk)).count() == 1


def test_next_sign_in_asks_for_a_code_and_takes_it_once(client, officer):
    bind(officer)
    assert give_password(client).url == STEP
    before = client.session.session_key
    assert "二维码" not in text(client.get(STEP)) and not signed_in(client)
    typed = code()
    assert give(client, typed).url == "/desk/" and signed_in(client)
    assert client.session.session_key != before
    client.post("/admin/logout/")
    give_password(client)
    assert "动态口令不对" in text(give(client, typed)) and not signed_in(client)
    assert typed not in text(give(client, typed))


def test_recovery_code_opens_and_says_how_many_are_left(client, officer):
    codes = bind(officer)
    give_password(client)
    assert give(client, codes[3]).url == "/desk/"
    assert "还剩9个" in text(client.get("/desk/"))


@pytest.mark.parametrize(
    "place", ["/admin/", "/desk/", "/simulation/", OWN, "/admin/password_change/"]
)
def test_half_a_sign_in_opens_nothing(client, officer, place):
    bind(officer)
    give_password(client)
    answer = client.get(place)
    assert answer.status_code == 302 and answer.url.startswith(LOGIN)


def test_steps_without_a_password_before_them_lead_to_the_door(client, officer):
    bind(officer)
    for place in (STEP, NEW):
        assert client.get(place).url == LOGIN
        assert give(client, code(), place).url == LOGIN
    give_password(client)
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    assert give(client, code()).url == LOGIN and not signed_in(client)


def test_half_a_sign_in_ends_with_the_password_and_after_a_while(client, officer, monkeypatch):
    bind(officer)
    give_password(client)
    officer.set_password("quite another password")
    officer.save()
    assert give(client, code()).url == LOGIN
    give_password(client, "quite another password")
    later = worlds.now() + second_factor_pages.sign_in.PATIENCE * 2
    monkeypatch.setattr(worlds, "now", lambda: later)
    assert give(client, code(later)).url == LOGIN


def test_unknown_name_and_wrong_password_get_the_same_answer(client, officer):
    bind(officer)
    answers = [give_password(client, "wrong"), give_password(client, "wrong", name="nobody")]
    shown = [re.sub(r'value="[^"]*"', "", text(a)) for a in answers]
    assert shown[0] == shown[1] and "请输入" in shown[0]


def test_guessing_codes_has_an_end(client, officer):
    bind(officer)
    give_password(client)
    for _time in range(second_factor_pages.LIMIT):
        assert "动态口令不对" in text(give(client, "1234567"))
    assert "尝试次数过多" in text(give(client, code()))
    give_password(client)  # beginning anew does not help
    assert "尝试次数过多" in text(give(client, code(), STEP)) and not signed_in(client)


def test_guessing_codes_day_after_day_has_an_end(client, officer, monkeypatch):
    """Three codes of a million are right at any time: 480 tries a day would find one within two years."""
    bind(officer)
    monkeypatch.setattr(second_factor_pages, "LIMIT_A_DAY", 3)
    for _time in range(3):
        give_password(client)
        assert "动态口令不对" in text(give(client, "1234567"))
        throttle.forgive("second-factor", f"{officer.pk} new")  # a quarter of an hour later
    assert "请明天再试" in text(give(client, code())) and not signed_in(client)


def test_guesser_with_the_password_keeps_no_known_officer_out(client, officer, django_user_model):
    bind(officer)
    give_password(client)
    assert give(client, code()).url == "/desk/"  # from now on this browser is known
    client.post("/admin/logout/")
    thief = type(client)()
    give_password(thief)
    for _time in range(second_factor_pages.LIMIT + 1):
        give(thief, "1234567")
    assert "尝试次数过多" in text(give(thief, "1234567"))
    give_password(client)
    assert give(client, code(steps=1)).url == "/desk/"


def test_password_reset_leads_to_the_second_step_all_the_same(client, officer, mailoutbox):
    from cases import passwords

    Officer.objects.filter(pk=officer.pk).update(email="officer@example.com")
    bind(officer)
    passwords.send_reset(officer.pk)
    place = re.search(r"http://[^/]+(/admin/reset/\S+)", mailoutbox[-1].body)[1]
    form = client.get(place, follow=True).request["PATH_INFO"]
    new = "three quiet rivers meet"
    assert client.post(form, {"new_password1": new, "new_password2": new}).status_code == 302
    assert not signed_in(client)
    assert give_password(client, new).url == STEP


def test_without_the_setting_a_password_is_enough(client, officer, settings):
    settings.SECOND_FACTOR = False
    assert give_password(client).url == "/desk/" and signed_in(client)
    assert OWN not in text(client.get("/desk/"))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_its_pages_fit_a_small_phone_and_axe_finds_nothing(browser, live_server, officer):
    with browser.new_context(viewport={"width": 320, "height": 640}) as context:
        page, said = context.new_page(), []
        page.on("console", lambda message: said.append(message.text))

        def look(there):
            page.wait_for_selector(there)
            assert fits(page), there
            assert said == []
            assert violations(page) == []
            said.clear()  # axe looks into the style sheets that Django's own import, and is refused

        page.goto(f"{live_server.url}/desk/")
        page.fill("#id_username", officer.username)
        page.fill("#id_password", PASSWORD)
        page.click("input[type=submit]")
        look(".square svg")
        secret = re.sub(r"\s", "", page.inner_text(".key"))
        page.fill("#id_code", "123")
        page.click(".submit-row input")
        look(".errorlist")
        page.fill("#id_code", code(secret=secret))
        page.evaluate(TWO_CLICKS)  # of which the second would leave the codes unseen
        look(".codes")
        page.click(".submit-row input")
        page.wait_for_url("**/desk/")
        page.goto(live_server.url + OWN)
        look("input[name=device]")
        page.click("#logout-form button")
        page.goto(f"{live_server.url}/desk/")
        page.fill("#id_username", officer.username)
        page.fill("#id_password", PASSWORD)
        page.click("input[type=submit]")
        look("#id_code")
