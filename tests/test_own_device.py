"""An officer's device: bound once, changed, and reset when it is lost; two at once."""

import base64
import os
import re
from threading import Thread

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cases import second_factor, throttle, worlds
from cases.models import Officer, RecoveryCode, SecondFactor
from tests.devices import (  # noqa: F401
    OWN,
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
from tests.processes import PATIENCE_SECONDS, becomes, waits_for_a_lock
from tests.test_races import at_once

pytestmark = pytest.mark.django_db


# -- own device --------------------------------------------------------------------------------


def test_officer_renews_codes_and_changes_the_device_with_a_code(client, officer):
    codes = bind(officer)
    client.force_login(officer)
    assert "剩余备用码" in text(client.get(OWN))
    assert "动态口令不对" in text(client.post(OWN, {"code": "000", "codes": "x"}))
    shown = text(client.post(OWN, {"code": codes[0], "codes": "x"}))
    fresh = re.findall(r"<code>([\w-]+)</code>", shown)
    assert len(fresh) == 10 == second_factor.codes_left(officer)
    elsewhere = type(client)()
    elsewhere.force_login(officer)
    assert client.post(OWN, {"code": fresh[0], "device": "x"}).url == STEP
    secret = secret_on(client.get(STEP))
    assert second_factor.of(officer)  # the old one holds until the new one has shown a code
    assert "备用码" in text(give(client, code(secret=secret)))
    assert client.post(STEP).url == OWN and signed_in(client)
    assert not signed_in(elsewhere)
    assert not second_factor.accepts(officer, code(steps=1), worlds.now())
    assert second_factor.accepts(officer, code(steps=1, secret=secret), worlds.now())


def test_administrator_resets_a_lost_device_with_a_reason(client, officer, make_officer):
    administrator = make_officer("view_officer", "change_officer", unit="440000")
    bind(officer)
    lost = type(client)()
    lost.force_login(officer)
    client.force_login(administrator)
    place = f"/admin/cases/officer/{officer.pk}/second-factor/"
    assert place in text(client.get(f"/admin/cases/officer/{officer.pk}/change/"))
    for reason in ("", "x", "\x00" * 9, "长" * 500):
        assert "errorlist" in text(client.post(place, {"reason": reason}))
    assert signed_in(lost) and second_factor.of(officer)
    assert client.post(place, {"reason": "手机丢失，已当面核对"}).status_code == 302
    assert not signed_in(lost)
    assert second_factor.of(officer) is None and not RecoveryCode.objects.exists()
    entry = LogEntry.objects.latest("pk")
    assert entry.user == administrator and "手机丢失，已当面核对" in entry.change_message
    assert client.get(place).status_code == 404
    assert "二维码" in text(lost.get(give_password(lost).url))


def test_nobody_resets_their_own_or_one_above_them(client, officer, make_officer):
    administrator = make_officer("view_officer", "change_officer", unit="440000")
    above = Officer.objects.create_superuser("root", password=PASSWORD)
    for one in (administrator, above, officer):
        bind(one)
    client.force_login(administrator)
    for one in (administrator, above):
        place = f"/admin/cases/officer/{one.pk}/second-factor/"
        assert client.post(place, {"reason": "手机丢失"}).status_code == 403
        assert place not in text(client.get(f"/admin/cases/officer/{one.pk}/change/"))
    client.force_login(officer)
    place = f"/admin/cases/officer/{above.pk}/second-factor/"
    assert client.post(place, {"reason": "手机丢失"}).status_code == 403
    assert second_factor.of(above) and second_factor.of(administrator)


def test_command_resets_where_no_administrator_is_left(officer, capsys):
    with pytest.raises(CommandError):
        call_command("reset_second_factor", officer.username, reason="手机丢失")
    bind(officer)
    call_command("reset_second_factor", officer.username, reason="手机丢失")
    said = str(LogEntry.objects.latest("pk"))
    assert second_factor.of(officer) is None and "reset_second_factor: 手机丢失" in said


def test_device_whose_key_is_gone_takes_no_code_and_recovery_codes_go_on(officer):
    codes = bind(officer)
    SecondFactor.objects.update(key_id="gone")
    assert not second_factor.accepts(officer, code(), worlds.now())
    assert second_factor.accepts(officer, codes[0], worlds.now()) == "recovery"


def test_secret_whose_key_is_gone_is_begun_anew_in_words(client, officer, settings):
    give_password(client)
    lost = secret_on(client.get(STEP))
    settings.IDENTITY_KEYS = f"other:{base64.b64encode(os.urandom(32)).decode()}"
    assert give(client, code(secret=lost)).url == STEP
    shown = client.get(STEP)
    assert "刚才的二维码已经失效" in text(shown) and second_factor.of(officer) is None
    assert secret_on(shown) != lost
    assert "备用码" in text(give(client, code(secret=secret_on(shown))))


# -- two at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["code", "recovery"])
def test_of_two_at_once_with_one_code_one_is_refused(officer, kind):
    typed = {"recovery": bind(officer)[0], "code": code(MORNING, 1)}[kind]
    taken = at_once(*[lambda: second_factor.accepts(officer, typed, MORNING)] * 4)
    assert sorted(taken) == ["", "", "", kind]


@pytest.mark.django_db(transaction=True)
def test_of_two_devices_bound_at_once_one_is_refused(officer):
    bound = at_once(*[lambda: bind(officer)] * 2)
    assert (
        sum(codes is not None for codes in bound) == 1 and second_factor.codes_left(officer) == 10
    )


@pytest.mark.django_db(transaction=True)
def test_of_codes_renewed_at_once_the_later_ones_alone_are_valid(officer):
    sets = [bind(officer)]

    def renew():
        sets.append(second_factor.new_recovery_codes(officer))

    with transaction.atomic():
        renew()
        other = Thread(target=lambda: (renew(), connection.close()))
        other.start()
        assert becomes(waits_for_a_lock)  # without the officer's row it would wait for old codes
    other.join(PATIENCE_SECONDS)
    valid = [bool(second_factor.accepts(officer, codes[0], MORNING)) for codes in sets]
    assert valid == [False, False, True] and second_factor.codes_left(officer) == 9


def test_limit_is_kept_hashed(client, officer):
    give_password(client, "wrong")
    rows = throttle.LookupAttempt.objects.values_list("scope", "key_hash")
    assert {s for s, _key in rows} == {"sign-in", "sign-in-place", "sign-in-name"}
    assert not any("sz-desk" in key or key == "127" for _scope, key in rows)
