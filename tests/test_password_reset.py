"""A forgotten password: the same answer to everyone, a link that works once, and a limit."""

import re

import pytest
from django.core import mail

from cases import tasks, throttle
from cases.desk import password_pages
from cases.models import Officer

pytestmark = pytest.mark.django_db

PAGE, DONE = "/admin/password_reset/", "/admin/password_reset/done/"
NEW = {"new_password1": "another long password", "new_password2": "another long password"}


@pytest.fixture(autouse=True)
def worker_at_hand(settings, monkeypatch):
    """A task is done where it is sent from."""
    monkeypatch.setattr(tasks.send_password_reset, "delay", tasks.send_password_reset)


@pytest.fixture
def officer(make_officer):
    return make_officer("handle_case", username="forgetful", email="officer@example.com")


def ask(client, email, **more):
    return client.post(PAGE, {"email": email}, **more)


def link():
    return re.search(r"http://[^/]+(/admin/reset/\S+)", mail.outbox[-1].body)[1]


def test_link_in_the_mail_sets_a_new_password_once(client, officer, settings):
    assert PAGE in client.get("/admin/login/").content.decode()
    assert ask(client, "Officer@Example.com").url == DONE
    assert mail.outbox[0].to == ["officer@example.com"]
    assert f"{settings.SITE_URL}/admin/reset/" in mail.outbox[0].body
    form = client.get(link(), follow=True)
    assert client.post(form.request["PATH_INFO"], NEW).url == "/admin/reset/done/"
    assert Officer.objects.get(pk=officer.pk).check_password(NEW["new_password1"])
    assert "链接" in client.get(link(), follow=True).content.decode()
    assert client.post(form.request["PATH_INFO"], NEW).status_code == 200  # used up: nothing is set


@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_link_leads_to_our_site_whatever_the_request_says(client, officer, settings, host):
    settings.ALLOWED_HOSTS = ["*"]
    ask(client, officer.email, headers={"host": host})
    assert settings.SITE_URL in mail.outbox[0].body and "evil" not in mail.outbox[0].body


def test_unknown_and_known_addresses_get_the_same_answer(
    client, officer, make_officer, monkeypatch
):
    """After the same work, too: the time it takes to hand over a task tells nothing."""
    send, sent = tasks.send_password_reset, []
    monkeypatch.setattr(send, "delay", lambda key: sent.append(send(key)))
    gone = make_officer("handle_case", email="gone@example.com")
    Officer.objects.filter(pk=gone.pk).update(is_active=False)
    answers = [ask(client, email) for email in (officer.email, gone.email, "nobody@example.com")]
    assert {(a.status_code, a.url) for a in answers} == {(302, DONE)}
    assert sent == [1, 0, 0]
    assert [m.to for m in mail.outbox] == [[officer.email]]


@pytest.mark.parametrize("email", ["", "x", "a\x00b@example.com", "a@b", "@" * 5000])
def test_nonsense_is_said_at_the_field(client, email):
    answer = ask(client, email)
    assert answer.status_code == 200 and "errorlist" in answer.content.decode()


def test_asking_has_an_end_by_place_and_by_address(client, officer):
    for _time in range(password_pages.LIMIT_BY_ADDRESS + 2):
        assert ask(client, officer.email).url == DONE
    assert len(mail.outbox) == password_pages.LIMIT_BY_ADDRESS
    for _time in range(password_pages.LIMIT_BY_PLACE):
        answer = ask(client, "nobody@example.com")
    assert answer.status_code == 200 and "尝试次数过多" in answer.content.decode()
    assert ask(client, "nobody@example.com", REMOTE_ADDR="203.0.113.9").status_code == 302


def test_mail_is_sent_without_a_broker_too(client, officer, monkeypatch):
    def away(*args):
        raise ConnectionError

    monkeypatch.setattr(tasks.send_password_reset, "delay", away)
    assert ask(client, officer.email).url == DONE and len(mail.outbox) == 1


@pytest.mark.parametrize("place", ["reset/x/y/", "reset/MQ/set-password/", "reset/%00/%00/"])
def test_wrong_links_are_pages_that_say_so(client, place):
    answer = client.get(f"/admin/{place}", follow=True)
    assert answer.status_code in (200, 404) and answer.status_code != 500


def test_limit_is_kept_hashed(client, officer):
    ask(client, officer.email)
    rows = throttle.LookupAttempt.objects.values_list("scope", "key_hash")
    assert {scope for scope, _key in rows} == {"password", "password-mail"}
    assert all("@" not in key for _scope, key in rows)
