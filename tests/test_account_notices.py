"""Officers are told by mail when their password, second factor or address is changed, wherever that is."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail

from cases import account_notices, outbox, passwords, second_factor, worlds
from cases.models import AccountNotice, Officer
from cases.officer_admin import reset
from tests.devices import bind, code
from tests.people import MORNING, PASSWORD
from tests.run_worlds import make_run
from tests.test_notices import Refusing, server_down  # noqa: F401

pytestmark = pytest.mark.django_db

OLD, NEW, FRESH = "old@example.com", "new@example.com", "chang-cheng-2026"


@pytest.fixture
def officer(make_officer):
    return make_officer("triage_case", username="sz-desk", email=OLD)


@pytest.fixture
def administrator(make_officer):
    return make_officer("view_officer", "change_officer", unit="440000")


def changes():
    return list(AccountNotice.objects.order_by("pk").values_list("change", "address"))


def by_themself(client, officer, administrator):
    client.force_login(officer)
    said = {"old_password": PASSWORD, "new_password1": FRESH, "new_password2": FRESH}
    return client.post("/admin/password_change/", said)


def by_link(client, officer, administrator):
    passwords.send_reset(officer.pk)
    link = re.search(r"http://[^/]+(/\S+)", mail.outbox.pop().body)[1]
    place = client.get(link).url
    return client.post(place, {"new_password1": FRESH, "new_password2": FRESH})


def by_administrator(client, officer, administrator, usable="true"):
    client.force_login(administrator)
    said = {"password1": FRESH, "password2": FRESH, "usable_password": usable}
    said["set-password" if usable == "true" else "unset-password"] = "x"
    return client.post(f"/admin/cases/officer/{officer.pk}/password/", said)


def in_the_shell(client, officer, administrator):
    officer.set_password(FRESH)
    officer.save()


@pytest.mark.parametrize(
    "way, change",
    [
        (by_themself, "password"),
        (by_link, "password"),
        (by_administrator, "temporary"),
        (lambda *a: by_administrator(*a, usable="false"), "unusable"),
        (in_the_shell, "password"),
    ],
    ids=["themself", "link", "administrator", "no password", "shell"],
)
def test_new_password_is_told_whoever_sets_it(client, officer, administrator, way, change):
    way(client, officer, administrator)
    assert changes() == [(change, OLD)]


def test_password_that_is_only_hashed_anew_is_not_told(officer):
    Officer.objects.filter(pk=officer.pk).update(password=make_password(PASSWORD, hasher="md5"))
    officer.refresh_from_db()
    before = officer.password
    assert officer.check_password(PASSWORD)
    officer.refresh_from_db()
    assert changes() == [] and (officer.password == before) == before.startswith("md5")


@pytest.mark.parametrize(
    "before, after, told",
    [
        (OLD, NEW, [("left", OLD), ("came", NEW)]),
        ("", NEW, [("came", NEW)]),
        (OLD, "", [("left", OLD)]),
        (OLD, OLD, []),
    ],
)
def test_other_address_is_told_at_both(client, officer, administrator, before, after, told):
    Officer.objects.filter(pk=officer.pk).update(email=before)
    client.force_login(administrator)
    said = {"username": officer.username, "first_name": "甲", "email": after, "phone": ""}
    said |= {"unit": officer.unit_id, "is_active": "on", "is_staff": "on"}
    assert client.post(f"/admin/cases/officer/{officer.pk}/change/", said).status_code == 302
    assert changes() == told
    account_notices.tell()
    assert [m.to for m in mail.outbox] == [[address] for _change, address in told]
    for message in mail.outbox:
        assert ({OLD, NEW} - {message.to[0]}).isdisjoint(message.body.split())


def test_device_and_codes_are_told(officer, administrator):
    bind(officer)
    assert changes() == [("bound", OLD)]
    second_factor.new_recovery_codes(officer)
    reset(officer, administrator, "手机丢失")
    reset(officer, administrator, "手机丢失")  # nothing is left to take away
    assert [change for change, _address in changes()] == ["bound", "codes", "unbound"]


def test_device_is_changed_and_told_on_the_page(client, officer, settings):
    settings.SECOND_FACTOR = True
    first = bind(officer)[0]
    client.force_login(officer)
    client.post("/admin/second-factor/own/", {"code": first, "codes": "x"})
    assert changes()[1:] == [("codes", OLD)]
    assert not second_factor.accepts(officer, code(MORNING), MORNING)
    assert len(changes()) == 2  # wrong codes, and using one, change nothing


def test_one_mail_says_what_when_and_what_to_do_and_opens_nothing(officer):
    bind(officer)
    officer.set_password(FRESH)
    officer.save()
    found = list(AccountNotice.objects.all())  # by a run that is slower than another
    assert account_notices.tell() == 1 and account_notices.tell() == 0
    assert account_notices._send(officer, OLD, found, worlds.now()) == 0
    [message] = mail.outbox
    assert message.to == [OLD] and message.subject == "平安厅信箱：您的账号有变动"
    for words in ("sz-desk", "绑定了动态口令设备", "密码已修改", "马上告诉系统管理员"):
        assert words in message.body
    assert len(re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d  ", message.body, re.M)) == 2
    assert re.findall(r"https?://\S+", message.body) == [
        passwords.settings.SITE_URL + "/admin/session/own/"
    ]
    assert FRESH not in message.body
    assert {address for _change, address in changes()} == {""}  # kept no longer than is needed


def test_nothing_is_told_of_what_is_no_change_nor_where_nobody_reads_it(officer, make_officer):
    officer.first_name = "乙"
    officer.save()
    officer.save(update_fields=["last_login"])
    silent = make_officer("triage_case")
    silent.set_password(FRESH)
    silent.save()
    make_officer("triage_case", email=NEW)  # a new account is no change of one
    assert changes() == []


def test_nobody_is_told_from_a_world(officer):
    with worlds.enter(make_run()):
        bind(officer)
        assert account_notices.tell() == 0
    assert changes() == [] and mail.outbox == []


def test_mail_that_no_server_takes_is_given_up_and_holds_up_no_other(
    officer,
    make_officer,
    server_down,  # noqa: F811
):
    bind(officer)
    for attempt in range(1, outbox.MAX_ATTEMPTS + 2):
        assert account_notices.tell() == 0
        AccountNotice.objects.update(next_at=worlds.now())
        notice = AccountNotice.objects.get()
        assert notice.attempts == min(attempt, outbox.MAX_ATTEMPTS)
    assert (notice.status, notice.error) == ("failed", "SMTPRecipientsRefused 550")
    assert Refusing.offered == outbox.MAX_ATTEMPTS
    Refusing.down = False
    other = make_officer("triage_case", email=NEW)
    other.set_password(FRESH)
    other.save()
    assert account_notices.tell() == 1 and mail.outbox[0].to == [NEW]
