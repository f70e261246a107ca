"""A copy of what is kept: all of it, in a common format, whole only for whom it is about; and when an answer is due."""

import json
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from cases import own_data, worlds
from cases.models import DataRequest
from cases.transitions import State
from tests.carriers import carried  # noqa: F401
from tests.citizens import open_letter, send
from tests.people import PERSON
from tests.test_phone_check import prove

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("carried")]


def copied(client, address="/follow/case/data/copy/", **fields):
    answer = client.post(address, fields)
    assert answer["Content-Type"] == "application/json", answer.text
    assert "attachment" in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    return json.loads(answer.content)


def test_copy_has_letter_steps_notices_and_requests(letter):
    letter.walk(State.CLOSED)
    own_data.ask_erasure(letter.case, worlds.now())
    [one] = copied(letter.client)["letters"]
    assert one["receipt"] == letter.receipt and one["body"] == letter.case.letter.body
    assert "红绿灯已修好" in json.dumps(one["steps"], ensure_ascii=False)
    assert one["requests"][0]["what"] == "删除身份资料" and one["told_by"] == ["mail"]
    assert "query" not in json.dumps(one) and letter.code not in json.dumps(one)


def test_who_wrote_is_whole_with_the_number_alone(letter):
    [one] = copied(letter.client)["letters"]
    assert one["writer_is_masked"] and PERSON["phone"] not in str(one["writer"])
    number = PERSON["id_number"].lower().replace("1", "１")
    [one] = copied(letter.client, id_number=number)["letters"]
    assert not one["writer_is_masked"]
    assert {PERSON["name"], PERSON["phone"], PERSON["id_number"]} <= set(one["writer"].values())


def test_numbers_are_not_guessed(letter):
    for _guess in range(5):
        page = letter.client.post("/follow/case/data/copy/", {"id_number": "110101199001011237"})
        assert "不一致" in page.text and page["Content-Type"].startswith("text/html")
    number = {"id_number": PERSON["id_number"]}
    assert "尝试次数过多" in letter.client.post("/follow/case/data/copy/", number).text


def test_telephone_copies_its_ordinary_letters(letter, client, django_assert_num_queries):
    prove(client)
    mine = copied(client, "/follow/mine/data/copy/")["letters"]
    assert [one["receipt"] for one in mine] == [letter.receipt]
    for n in range(3):
        send(client, title=f"另一封信的标题{n}")
    # Session, letters, events, their files, five kinds of what is kept, notices.
    with django_assert_num_queries(10):
        assert len(copied(client, "/follow/mine/data/copy/")["letters"]) == 4
    secret, code = send(client, confidential="on")
    mine = copied(client, "/follow/mine/data/copy/")["letters"]
    assert secret not in [one["receipt"] for one in mine]
    open_letter(client, secret, code)
    assert copied(client)["letters"][0]["receipt"] == secret


def test_stranger_copies_nothing():
    stranger = Client()
    assert stranger.post("/follow/case/data/copy/").url == "/follow/"
    assert stranger.post("/follow/mine/data/copy/").url == "/follow/phone/"
    assert stranger.get("/follow/case/data/copy/").status_code == 405


def test_page_tells_the_rules_by_when_an_answer_is_due_and_who_gave_it(letter):
    letter.walk(State.CLOSED)
    letter.client.post("/follow/case/data/erase/", {"letter": letter.receipt})
    page = letter.client.get("/follow/case/data/").text
    assert "等待处理，最迟" in page and "第四十四至四十八条" in page and "30日内" in page
    asked = DataRequest.objects.get()
    assert asked.due_at - asked.asked_at == timedelta(days=30)
    officer = Client()
    officer.force_login(letter.cast.writer)
    assert "超期" not in officer.get("/desk/own-data/").text
    DataRequest.objects.update(asked_at=F("asked_at") - timedelta(days=31))
    assert "超期" in officer.get("/desk/own-data/").text
    own_data.decide(letter.cast.writer, str(asked.pk), "kept", worlds.now())
    assert "深圳市公安局" in letter.client.get("/follow/case/data/").text
