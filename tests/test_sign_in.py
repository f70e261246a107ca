"""The officers' door: limits on guessing that keep nobody out, passwords, and how sessions end."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from cases.desk import sign_in
from cases.models import Officer, Unit
from tests.devices import LOGIN, NEW, signed_in, sz_desk, text  # noqa: F401
from tests.devices import give_password as give
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

GOOD = "three quiet rivers meet"


def change_officer(client, officer, **fields):
    typed = {"username": officer.username, "first_name": "甲", "unit": officer.unit_id}
    place = f"/admin/cases/officer/{officer.pk}/change/"
    return client.post(place, {**typed, "is_active": "on", "is_staff": "on", **fields})


# -- guessing ----------------------------------------------------------------------------------


def test_stranger_with_many_addresses_keeps_no_known_officer_out(client, officer, monkeypatch):
    monkeypatch.setattr(sign_in, "LIMIT_OF_NAME", 3)
    assert give(client).url == "/desk/"  # from now on this browser is known
    client.post("/admin/logout/")
    stranger = type(client)()
    for number in range(3):
        give(stranger, "wrong", REMOTE_ADDR=f"203.0.113.{number}")
    assert "尝试次数过多" in text(give(stranger, REMOTE_ADDR="203.0.113.9"))
    assert give(client, REMOTE_ADDR="203.0.113.9").url == "/desk/"
    client.cookies["known_officer"] = "forged:" + client.cookies["known_officer"].value
    client.post("/admin/logout/")
    assert "尝试次数过多" in text(give(client))


def test_one_place_has_a_limit_for_all_names_that_right_passwords_do_not_use_up(
    client, officer, monkeypatch
):
    monkeypatch.setattr(sign_in, "LIMIT_OF_PLACE", 3)
    for _time in range(5):
        assert give(client).url == "/desk/"
        client.post("/admin/logout/")
    colleague = type(client)()
    for number in range(3):
        give(colleague, "wrong", name=f"nobody{number}")
    assert "尝试次数过多" in text(give(colleague))
    assert give(colleague, REMOTE_ADDR="203.0.113.9").url == "/desk/"


def test_colleague_at_the_same_address_keeps_no_known_officer_out(client, officer, monkeypatch):
    monkeypatch.setattr(sign_in, "LIMIT", 2)
    monkeypatch.setattr(sign_in, "LIMIT_OF_PLACE", 4)
    assert give(client).url == "/desk/"
    client.post("/admin/logout/")
    colleague = type(client)()
    for name in (officer.username, officer.username, "nobody1", "nobody2", "nobody3"):
        give(colleague, "wrong", name=name)
    assert "尝试次数过多" in text(give(colleague))
    assert give(client).url == "/desk/"
    client.post("/admin/logout/")
    for _time in range(2):
        give(client, "wrong")
    assert "尝试次数过多" in text(give(client))  # a known browser guesses no more than others


def test_limits_look_behind_trusted_proxies_and_believe_no_others(client, officer, settings):
    for _time in range(sign_in.LIMIT):
        give(client, "wrong", headers={"x-forwarded-for": "198.51.100.1"})
    assert "尝试次数过多" in text(give(client, headers={"x-forwarded-for": "198.51.100.2"}))
    settings.TRUSTED_PROXIES = 1
    assert give(client, headers={"x-forwarded-for": "198.51.100.2"}).url == "/desk/"


@pytest.mark.parametrize("name, password", [("a\x00b", "x"), ("长" * 5000, "x" * 5000), ("", "")])
def test_nonsense_is_refused_in_words(client, officer, name, password):
    answer = give(client, password, name=name)
    assert answer.status_code == 200 and "error" in text(answer)


# -- passwords ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "short-one",
        "password1234",
        "woaini1314520",
        "Wo@ini-5201314!",
        "qwerty123456",
        "1qaz2wsx3edc4rfv",
        "shenzhen110110",
        "Guangdong@2026!",
        "pingan-mailbox-2026",
        "gongan@1234567",
        "sz-desk-2026-sz-desk",
        "138001380001380",
        "aaaaaaaaaaaaaaaa",
        "abcdefghijklmnop",
        "zhongguo19491001",
    ],
)
def test_easy_passwords_are_refused(officer, password):
    with pytest.raises(ValidationError):
        validate_password(password, officer)


@pytest.mark.parametrize(
    "password",
    [GOOD, PASSWORD, "雨后的珠江边有三只白鹭在飞", "kX9#vTq2$mLw7", "x" + "correct horse " * 6],
)
def test_long_ones_are_taken_without_signs_or_capitals(officer, password):
    validate_password(password, officer)


def test_new_password_ends_other_sessions_and_not_this_one(client, officer):
    elsewhere = type(client)()
    for browser in (client, elsewhere):
        give(browser)
    typed = {"old_password": PASSWORD, "new_password1": GOOD, "new_password2": GOOD}
    assert client.post("/admin/password_change/", typed).status_code == 302
    assert signed_in(client) and not signed_in(elsewhere)


def test_password_that_an_administrator_sets_is_changed_at_the_next_sign_in(
    client, officer, make_officer
):
    administrator = make_officer("view_officer", "add_officer", "change_officer", unit="440000")
    client.force_login(administrator)
    given = "told by telephone today"
    typed = {"password1": given, "password2": given, "usable_password": "true"}
    assert client.post(f"/admin/cases/officer/{officer.pk}/password/", typed).status_code == 302
    unit = Unit.objects.get(code="440304").pk
    typed |= {"username": "new-one", "first_name": "新", "unit": unit, "is_staff": "on"}
    assert client.post("/admin/cases/officer/add/", typed).status_code == 302
    for name in (officer.username, "new-one"):
        other = type(client)()
        assert give(other, given, name=name).url == NEW
        assert not signed_in(other) and other.get(NEW).status_code == 200
        easy = {"new_password1": "woaini1314520", "new_password2": "woaini1314520"}
        assert "errorlist" in text(other.post(NEW, easy))
        assert other.post(NEW, {"new_password1": GOOD, "new_password2": GOOD}).url == "/desk/"
        assert signed_in(other)
        assert give(type(client)(), GOOD, name=name).url == "/desk/"
        assert not Officer.objects.get(username=name).password_temporary


def test_temporary_password_cannot_be_kept(client, officer):
    Officer.objects.filter(pk=officer.pk).update(password_temporary=True)
    give(client)
    same = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "errorlist" in text(client.post(NEW, same)) and not signed_in(client)


def test_temporary_password_that_is_hashed_anew_stays_temporary(client, officer):
    """As after an update of Django; here its salt is too short."""
    weak = make_password(PASSWORD, salt="ab")
    Officer.objects.filter(pk=officer.pk).update(password=weak, password_temporary=True)
    assert give(client).url == NEW
    assert Officer.objects.get(pk=officer.pk).password != weak


# -- sessions ----------------------------------------------------------------------------------


def test_sign_in_begins_a_new_session_and_only_a_post_ends_it(client, officer):
    client.get(LOGIN)
    session = client.session
    session["before"] = "kept by whoever fixed it"
    session.save()
    client.cookies["sessionid"] = session.session_key
    give(client)
    assert client.session.session_key != session.session_key
    assert client.get("/admin/logout/").status_code == 405 and signed_in(client)
    assert client.post("/admin/logout/").status_code == 200 and not signed_in(client)


def test_closed_account_is_signed_out_at_once_and_stays_so_when_opened_again(
    client, officer, make_officer
):
    mine = type(client)()
    give(mine)
    client.force_login(make_officer("view_officer", "change_officer", unit="440000"))
    assert change_officer(client, officer, is_active="").status_code == 302
    assert not signed_in(mine)
    assert change_officer(client, officer).status_code == 302
    assert not signed_in(mine) and give(mine).url == "/desk/"
