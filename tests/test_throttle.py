from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import RequestFactory

from cases import throttle
from cases.models.throttle import LookupAttempt


def age(**ago):
    """Make every attempt so far older."""
    LookupAttempt.objects.update(at=F("at") - timedelta(**ago))


def tries(scope, key, count):
    """Return how many of so many attempts pass, at most 3 a minute."""
    passed = 0
    for _n in range(count):
        try:
            throttle.check(scope, key, limit=3, per_seconds=60)
        except throttle.TooManyAttempts:
            continue
        passed += 1
    return passed


@pytest.mark.django_db
def test_check_lets_the_limit_pass_and_no_more():
    assert tries("receipt", "PA-1", 10) == 3


@pytest.mark.django_db
def test_check_counts_each_scope_and_key_apart():
    assert [tries(*who, 10) for who in (("receipt", "a"), ("receipt", "b"), ("ip", "a"))] == [3] * 3


@pytest.mark.django_db
def test_check_opens_again_when_the_time_is_over_though_hammered_meanwhile():
    tries("receipt", "a", 3)
    age(seconds=50)
    assert tries("receipt", "a", 100) == 0
    age(seconds=11)
    assert tries("receipt", "a", 10) == 3


@pytest.mark.django_db(transaction=True)
def test_check_holds_against_attempts_sent_at_once():
    def one(_n):
        try:
            return tries("receipt", "a", 5)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) <= 3
    assert tries("receipt", "a", 1) == 0


@pytest.mark.django_db
def test_refusal_says_when_to_come_back():
    tries("receipt", "a", 3)
    with pytest.raises(throttle.TooManyAttempts, match="2分钟") as caught:
        throttle.check("receipt", "a", limit=3, per_seconds=90)
    assert caught.value.retry_after == 90


@pytest.mark.django_db
def test_keys_are_not_stored_plain():
    throttle.check("ip", "192.0.2.7", limit=3, per_seconds=60)
    row = LookupAttempt.objects.get()
    assert "192.0.2.7" not in row.key_hash and len(row.key_hash) == 64


@pytest.mark.django_db
def test_forgive_opens_the_door_of_one_key():
    tries("receipt", "a", 3)
    tries("receipt", "b", 3)
    throttle.forgive("receipt", "a")
    assert (tries("receipt", "a", 5), tries("receipt", "b", 5)) == (3, 0)


@pytest.mark.django_db
def test_prune_deletes_only_what_no_limit_counts():
    tries("receipt", "a", 2)
    age(days=1, seconds=1)
    tries("receipt", "a", 1)
    assert (throttle.prune(), throttle.prune()) == (2, 0)
    assert LookupAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_network_is_what_one_customer_may_change_among(address, network):
    assert throttle.network_of(address) == network


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "counted"),
    [
        (0, None, "192.0.2.1", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1", "192.0.2.1"),
        (1, "198.51.100.9", "192.0.2.1", "198.51.100.9"),
        (1, "203.0.113.5, 198.51.100.9", "192.0.2.1", "198.51.100.9"),
        (2, "203.0.113.5, 198.51.100.9", "192.0.2.1", "203.0.113.5"),
        (2, "198.51.100.9", "192.0.2.1", "192.0.2.1"),
        (1, None, "192.0.2.1", "192.0.2.1"),
        (1, "nonsense", "192.0.2.1", "192.0.2.1"),
        (0, None, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, None, "::ffff:192.0.2.1", "192.0.2.1"),
        (0, None, "", "unknown"),
    ],
)
def test_client_address_believes_only_our_own_proxies(settings, proxies, forwarded, peer, counted):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer)
    assert throttle.client_address(request) == counted
