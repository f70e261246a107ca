"""Two at once, or a dozen: what citizens and officers send by POST beyond the steps of a letter."""

import re
from functools import partial

import pytest
from django.test import Client

from cases import batches, crypto, own_data, publishing, worlds
from cases.models import (
    Case,
    Consent,
    DataRequest,
    Event,
    LookupAttempt,
    PublicAnswer,
    RenewedCode,
    Writer,
)
from cases.refusals import Refusal
from cases.transitions import TRANSITIONS, State
from mailbox import phone_check, proof
from mailbox.models import NoticeChoice, PhoneCheck, Unsent
from tests.carriers import SENT, carried  # noqa: F401
from tests.citizens import Sent, open_letter, typed
from tests.people import PERSON
from tests.test_phone_check import code
from tests.test_races import at_once
from tests.test_sending import solved

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("carried")]
TAB = 4


@pytest.fixture(autouse=True)
def _no_limit(settings):
    settings.SENDING_FREE = 0


def tabs(client, count=TAB):
    """Return clients that share a session, as tabs of one browser do."""
    shared = [Client() for _tab in range(count)]
    for tab in shared:
        tab.cookies = client.cookies.copy()
    return shared


def all_post(clients, place, *said):
    """Send each client's POST at once; return the answers. said: of each in turn."""
    asks = [partial(c.post, place, said[n % len(said)]) for n, c in enumerate(clients)]
    answers = at_once(*asks)
    assert all(getattr(answer, "status_code", 500) < 500 for answer in answers), answers
    return answers


def test_many_tries_of_a_code_at_once_are_five_and_a_right_one_proves_once(client):
    client.post("/follow/phone/", {"phone": PERSON["phone"]})
    wrong = f"{(int(code()) + 1) % 10**phone_check.DIGITS:06d}"
    all_post(tabs(client, 12), "/follow/phone/code/", {"code": wrong})
    assert PhoneCheck.objects.get().tries == phone_check.TRIES
    LookupAttempt.objects.all().delete()
    client.post("/follow/phone/", {"phone": PERSON["phone"]})
    answers = all_post(tabs(client), "/follow/phone/code/", {"code": code()})
    opened = [answer for answer in answers if getattr(answer, "url", "") == "/follow/mine/"]
    assert len(opened) == 1 and len(SENT) == 2


def test_pages_of_a_letter_being_written_undo_nothing_of_each_other(client):
    place, said = "/write/steps/{}/".format, typed()
    names = "place mailbox kind content category".split()
    client.post(place("place"), said)
    browser = tabs(client, len(names))
    at_once(*[partial(c.post, place(n), said) for c, n in zip(browser, names, strict=True)])
    kept = Unsent.objects.get()
    assert set(crypto.open_sealed(kept.key_id, kept.sealed)["done"]) == set(names)
    # What a page sends by itself, and when by its device's clock, after what a button has sent.
    for sent, left, first in ((2000, 1000, "新"), (1000, 2000, "旧"), ("9" * 99, "１", "旧")):
        client.post(place("content"), {**said, "title": "新的标题在这里", "typed_at": sent})
        half = {"title": "旧的标题", "body": "", "left": "", "typed_at": left}
        assert client.post(place("content"), half).status_code == 204
        assert client.get(place("content")).context["form"]["title"].value()[0] == first


def test_what_a_writer_may_ask_for_is_asked_once(client, cast):
    letter = Sent(client, cast).walk(State.CLOSED)
    for kind in ("consent", "consent", "data/erase", "data"):
        said = {"consent": "yes", "phone": "19500000009"}
        all_post(tabs(client), f"/follow/case/{kind}/", said, {**said, "consent": "no"})
    all_post(tabs(client), "/follow/case/notices/", {"way": "mail"}, {"way": "sms"})
    kinds = sorted(DataRequest.objects.values_list("kind", flat=True))
    assert kinds == [DataRequest.CORRECT, DataRequest.ERASE]
    assert Consent.objects.filter(letter=letter.pk).count() == 1
    assert NoticeChoice.objects.filter(letter=letter.pk).count() == 1


def test_of_query_codes_renewed_at_once_one_opens(client, cast):
    letter = Sent(client, cast)
    client.post("/follow/phone/", {"phone": PERSON["phone"]})
    client.post("/follow/phone/code/", {"code": code()})
    said = {"receipt": letter.receipt, "sure": "1"}
    answers = all_post(tabs(client, 3), "/follow/mine/code/", said)
    shown = [re.search(r"\b[0-9]{4} [0-9]{4}\b", answer.text)[0] for answer in answers]
    assert RenewedCode.objects.count() == 1
    assert [_opens(letter.receipt, one) for one in shown].count(True) == 1
    assert not _opens(letter.receipt, letter.code)


def _opens(receipt, typed):
    return bool(open_letter(Client(), receipt, typed).redirect_chain)


def test_proof_of_work_sent_many_times_at_once_serves_once_at_most():
    answer = solved(proof.challenge())
    assert at_once(*[lambda: proof.holds(answer)] * TAB).count(True) <= 1
    assert not proof.holds(answer)


def test_who_is_erased_stays_so_though_a_correction_is_granted_at_that_moment(client, cast):
    letter = Sent(client, cast).walk(State.CLOSED)
    client.post("/follow/case/data/", {"letter": letter.receipt, "phone": "19500000009"})
    client.post("/follow/case/data/erase/", {"letter": letter.receipt})
    asked, at = DataRequest.objects.values_list("pk", flat=True), worlds.now()
    decided = at_once(*[partial(own_data.decide, cast.writer, pk, "", at) for pk in asked])
    writer = Writer.objects.get()
    assert decided == [True, True] and crypto.open_sealed(writer.key_id, writer.sealed) == {}


def test_request_and_public_answer_are_decided_once_by_two_officers(client, cast):
    letter = Sent(client, cast).walk(State.CLOSED)
    client.post("/follow/case/consent/", {"consent": "yes"})
    client.post("/follow/case/data/erase/")
    asked, at = DataRequest.objects.get().pk, worlds.now()
    decided = at_once(
        lambda: own_data.decide(cast.writer, asked, "", at),
        lambda: own_data.decide(cast.reviewer, asked, "kept", at),
        lambda: own_data.decide(cast.writer, asked, "needed", at),
    )
    assert decided.count(True) == 1, decided
    texts = {"title": "红绿灯何时修", "question": "路口的红绿灯坏了，什么时候能修好？"}
    case = Case.objects.get(pk=letter.pk)
    publishing.write(cast.writer, case, {**texts, "answer": "已于三日内修好，请放心通行。"}, at)
    read = at_once(
        lambda: publishing.review(cast.reviewer, letter.case, 1, at),
        lambda: publishing.review(cast.reviewer, letter.case, 1, at, "请改短。"),
        lambda: publishing.write(
            cast.writer,
            letter.case,
            {**texts, "answer": "换一个答复内容。" * 2, "version": "1"},
            at,
        ),
    )
    assert not [one for one in read if one and not isinstance(one, Refusal)], read
    kept = PublicAnswer.objects.get()
    assert kept.version == 2 and not kept.published_at  # what nobody has read is not public


def test_batch_that_is_confirmed_many_times_at_once_is_done_once(client, cast):
    for _letter in range(3):
        cast.make_case(at=worlds.now())
    note = TRANSITIONS["note"]
    batch = batches.create(cast.writer, note, Case.objects.all(), {"text": "看过"}, worlds.now())
    assert batches.take_on(batch.pk, 60)
    client.force_login(cast.writer)
    all_post(tabs(client), f"/desk/bulk/{batch.pk}/do/", {}, {})
    while not batches.take_on(batch.pk, 60):
        pass
    assert Event.objects.filter(action="note").count() == 3
