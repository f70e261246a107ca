"""Limits of sending: who sends much proves some work or waits, and loses nothing by it."""

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client

from cases import crypto, worlds
from cases.models import Letter
from cases.models.throttle import LookupAttempt
from mailbox import proof, sending
from tests.citizens import send, typed
from tests.people import PERSON
from tests.test_writing import Walker

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(settings):
    settings.SENDING_FREE = 2


def solved(asked, **changes):
    """Return the answer to a challenge, as a browser gives it."""
    for number in range(asked["maxnumber"] + 1):
        if hashlib.sha256(f"{asked['salt']}{number}".encode()).hexdigest() == asked["challenge"]:
            break
    answer = {**asked, "number": number, **changes}
    return base64.b64encode(json.dumps(answer).encode()).decode()


def post(client, **more):
    return client.post("/write/", typed(phone=f"195{Letter.objects.count():08}", **more))


def test_letter_beyond_the_free_ones_needs_a_proof_of_work_and_keeps_what_was_typed(client):
    assert [post(client).status_code for _n in range(2)] == [302, 302]
    fields = typed(phone="19500000009")
    asked = client.post("/write/", fields)
    assert "很多信" in asked.text and "孩子上学" in asked.text
    answer = solved(asked.context["proof"])
    assert client.post("/write/", {**fields, "altcha": answer}).status_code == 302
    assert Letter.objects.count() == 3
    again = post(client, altcha=answer)  # it serves once
    assert again.context["proof"] and Letter.objects.count() == 3


def test_without_javascript_a_minute_is_waited_in_place_of_the_proof(client, monkeypatch):
    [post(client) for _n in range(2)]
    token = post(client).context["waiting"]
    assert post(client, waiting=token).context["waiting"] == token  # a minute, and not one more
    monkeypatch.setattr(proof, "WAIT", 0)
    assert post(client, waiting=token).status_code == 302
    assert post(client, waiting=token).status_code == 200  # it serves once
    assert Letter.objects.count() == 3


def test_other_addresses_are_asked_nothing(client, settings):
    settings.TRUSTED_PROXIES = 1
    [post(client) for _n in range(2)]
    answer = client.post("/write/", typed(), headers={"x-forwarded-for": "192.0.2.7"})
    assert answer.status_code == 302


def test_hour_later_nothing_is_asked_and_at_fifty_times_as_many_waiting_alone_helps(client):
    [post(client) for _n in range(2)]
    LookupAttempt.objects.update(at=F("at") - timedelta(hours=1))
    assert post(client).status_code == 302
    for _n in range(99):
        LookupAttempt.objects.create(scope="send", key_hash=_key(client))
    answer = post(client, altcha=solved(proof.challenge()))
    assert "请一小时后再寄" in answer.text and not answer.context.get("proof")


def test_network_of_ipv6_has_not_as_many_free_letters_as_addresses(settings, monkeypatch):
    """A /48 of 65,536 addresses is had for nothing: ten letters each would be 655,360 an hour."""
    settings.SENDING_FREE = 1
    monkeypatch.setattr(sending, "NETWORK", 2)
    homes = [Client(REMOTE_ADDR=f"2001:db8:7:{n}::1") for n in range(3)]
    answers = [post(home) for home in homes]
    assert [answer.status_code for answer in answers] == [302, 302, 200]
    assert "很多信" in answers[-1].text
    assert post(Client(REMOTE_ADDR="2001:db8:8::1")).status_code == 302
    assert post(homes[0], altcha=solved(proof.challenge())).status_code == 302


def test_owner_of_a_telephone_is_not_kept_out_by_whoever_writes_in_its_name(
    client, settings, monkeypatch
):
    settings.SENDING_FREE = 50
    monkeypatch.setattr(sending, "PER_PHONE", 1)
    send(Client())
    refused = client.post("/write/", typed())
    assert "用手机验证这个号码" in refused.text and Letter.objects.count() == 1
    session = client.session
    index = " ".join(crypto.blind_indexes("phone", PERSON["phone"]))
    session["proved"] = {"index": index, "shown": "", "at": worlds.now().isoformat()}
    session.save()
    assert client.post("/write/", typed()).status_code == 302


def _key(client):
    return LookupAttempt.objects.filter(scope="send").first().key_hash


def test_one_telephone_sends_ten_letters_a_day(client, settings):
    settings.SENDING_FREE = 50
    for _n in range(sending.PER_PHONE):
        send(client)
    answer = client.post("/write/", typed())
    assert "明天再寄" in answer.text and Letter.objects.count() == sending.PER_PHONE


def test_retry_of_a_letter_is_never_refused(client):
    fields = [typed(phone=f"1950000000{n}") for n in range(2)]
    for said in fields * 3:
        assert client.post("/write/", said).status_code == 302
    assert Letter.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"number": -1},
        {"number": "x"},
        {"number": float("inf")},
        {"salt": "a?expires=1&"},
        {"signature": "é"},
        {},
    ],
)
def test_only_a_right_answer_to_our_own_challenge_holds(changes):
    asked = proof.challenge()
    assert proof.holds(solved(asked, **changes)) == (not changes)


def test_expiry_cannot_be_put_off_by_moving_digits_of_the_number_into_the_salt():
    asked = proof.challenge()
    said = json.loads(base64.b64decode(solved(asked)))
    number = str(said["number"] * (said["number"] > 9) or 10)
    spliced = {**said, "salt": said["salt"] + number[0], "number": int(number[1:])}
    assert not proof.holds(base64.b64encode(json.dumps(spliced).encode()).decode())


@pytest.mark.parametrize("answer", ["", "\x00", "e30=", "bnVsbA==", "W10=", "[" * 9, "好"])
def test_nonsense_is_no_proof(answer):
    assert not proof.holds(answer)


def test_steps_ask_for_the_proof_at_the_last_look(client):
    [post(Client()) for _n in range(2)]
    walker = Walker(client, phone="19500000009")
    walker.to_check()
    asked = client.post("/write/check/")
    assert "还没有寄出" in asked.text and not client.session.get("sent")
    sent = client.post("/write/check/", {"altcha": solved(asked.context["proof"])}, follow=True)
    assert sent.context["code"]


def test_files_are_counted_too(client, settings):
    settings.SENDING_FREE = 1
    files = [[SimpleUploadedFile("a.pdf", b"x")] * 5 for _n in range(11)]
    for some in files:
        answer = client.post("/write/steps/files/", {"attachments": some})
    assert "一小时后再试" in str(answer.context["form"].errors)
