"""Guessing the code of a letter is hopeless, and does not shut its owner out."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from cases import receipts
from cases.models.throttle import LookupAttempt
from mailbox import looking_up, proof
from tests.citizens import Sent
from tests.test_sending import solved

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(client, cast, settings):
    """A letter sent through the form and opened; visitors say from where they come."""
    settings.TRUSTED_PROXIES = 1
    return Sent(client, cast)


def try_from(address, letter, code="00000000", **more):
    typed = {"receipt": letter.receipt, "code": code, **more}
    return Client().post("/follow/", typed, headers={"x-forwarded-for": address})


def guess_from_everywhere(letter, times=looking_up.FREE):
    for n in range(times):
        assert "没有找到" in try_from(f"198.51.{n}.1", letter).text


def test_one_address_is_stopped_after_some_tries_and_only_there(letter):
    for _guess in range(looking_up.PER_PLACE[0]):
        try_from("192.0.2.7", letter)
    answer = try_from("192.0.2.7", letter, letter.code)
    assert "尝试次数过多" in answer.text and "手机验证" in answer.text
    assert try_from("192.0.2.8", letter, letter.code).url == "/follow/case/"


def test_network_is_stopped_for_a_day_however_its_addresses_change(letter):
    tries, _seconds = looking_up.PER_NETWORK
    LookupAttempt.objects.all().delete()
    for n in range(tries):
        try_from(f"2001:db8:1:{n}::1", letter)
    LookupAttempt.objects.update(at=F("at") - timedelta(hours=23))
    proved = {"altcha": solved(proof.challenge())}
    stopped = try_from("2001:db8:1:ffff::1", letter, letter.code, **proved)
    assert "尝试次数过多，请明天再试" in stopped.text
    proved = {"altcha": solved(proof.challenge())}
    assert try_from("2001:db8:2::1", letter, letter.code, **proved).url == "/follow/case/"


def test_tries_from_everywhere_lock_nobody_out(letter):
    guess_from_everywhere(letter)
    asked = try_from("203.0.113.9", letter, letter.code)
    assert "多次用错误的查询码试过" in asked.text and letter.code in asked.text
    answer = solved(asked.context["proof"])
    assert try_from("203.0.113.9", letter, letter.code, altcha=answer).url == "/follow/case/"
    assert try_from("203.0.113.8", letter, letter.code, altcha=answer).status_code == 200
    assert f"试过这封信的次数：{looking_up.FREE}，" in letter.page()


def test_without_javascript_a_minute_is_waited(letter, monkeypatch):
    guess_from_everywhere(letter)
    token = try_from("203.0.113.9", letter).context["waiting"]
    assert try_from("203.0.113.9", letter, letter.code, waiting=token).status_code == 200
    monkeypatch.setattr(proof, "WAIT", 0)
    assert try_from("203.0.113.9", letter, letter.code, waiting=token).url == "/follow/case/"
    assert try_from("203.0.113.9", letter, letter.code, waiting=token).status_code == 200


@pytest.mark.parametrize("token", ["", "1.2.3", "\x00", "0." + "a" * 24 + "." + "b" * 64])
def test_nonsense_is_no_token(token):
    assert not proof.waited(token)


def test_unknown_receipt_asks_for_the_same(letter):
    guess_from_everywhere(letter)
    known = try_from("203.0.113.9", letter)
    letter.receipt = receipts.new_receipt()
    guess_from_everywhere(letter)
    assert "多次用错误的查询码试过" in known.text
    assert "多次用错误的查询码试过" in try_from("203.0.113.9", letter).text


def test_day_later_nothing_is_asked(letter):
    guess_from_everywhere(letter)
    LookupAttempt.objects.update(at=F("at") - timedelta(days=1))
    assert try_from("203.0.113.9", letter, letter.code).url == "/follow/case/"


@pytest.mark.parametrize(
    ("networks", "days"), [(1, 2_500_000), (1_000, 2_500), (10_000, 250)]
)  # 6849 years, 6.8 years, 250 days
def test_half_of_the_codes_take_as_long_as_decision_5_says(networks, days):
    tries, seconds = looking_up.PER_NETWORK
    a_day = networks * tries * 86_400 / seconds
    assert 10**receipts.CODE_DIGITS / 2 / a_day == days
    assert f"{365 * tries / 10**receipts.CODE_DIGITS:.3%}" == "0.007%"
