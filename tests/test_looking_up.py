"""Looking a letter up: receipt and code open it, guessing is stopped, and the session ends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import receipts
from cases.models import LookupAttempt
from mailbox import looking_up, opened
from tests.citizens import open_letter

pytestmark = pytest.mark.django_db


def test_wrong_receipt_and_wrong_code_cannot_be_told_apart(letter):
    """Same bytes, but for what was typed and the form's token, and the same queries."""
    absent = receipts.new_receipt()
    pages, queries = [], []
    for receipt, code in ((letter.receipt, "00000000"), (absent, letter.code)):
        visitor = Client()
        visitor.get("/follow/")
        with CaptureQueriesContext(connection) as seen:
            answer = visitor.post("/follow/", {"receipt": receipt, "code": code})
        text = answer.text.replace(receipt, "R").replace(code, "C")
        pages.append(text.replace(str(answer.context["csrf_token"]), "T"))
        queries.append(
            [query["sql"].split("WHERE")[0] for query in seen if "INSERT" not in query["sql"]]
        )
        assert "没有找到" in answer.text
    assert pages[0] == pages[1]
    assert queries[0] == queries[1]


def test_typed_receipt_is_forgiven_its_form(letter):
    loose = letter.receipt.lower().replace("-", " ")
    code = letter.code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert letter.receipt in open_letter(Client(), f"　{loose}", code).text


def test_mistyped_receipt_is_said_to_be_one(client):
    answer = client.post("/follow/", {"receipt": "PA-2222-2222-22", "code": "1"})
    assert "对照回执检查" in answer.text


def test_guessing_receipts_from_one_address_is_stopped(letter, monkeypatch):
    monkeypatch.setattr(looking_up, "PER_ADDRESS", (3, 900))
    LookupAttempt.objects.all().delete()
    tries = ["PA-2222-2222-28", "PA-2222-2222-22", "nonsense", letter.receipt]
    answers = [open_letter(Client(), receipt, letter.code).text for receipt in tries]
    assert "尝试次数过多" in answers[-1]


def test_right_code_clears_the_count_of_its_receipt(letter):
    for _visit in range(looking_up.PER_PLACE[0] + 2):
        assert letter.receipt in open_letter(Client(), letter.receipt, letter.code).text


def test_session_changes_its_key_and_ends(letter, monkeypatch):
    before = letter.client.session.session_key
    open_letter(letter.client, letter.receipt, letter.code)
    assert letter.client.session.session_key != before
    assert "不再显示您的来信" in letter.client.post("/follow/leave/", follow=True).text
    assert letter.client.get("/follow/case/").url == "/follow/"
    open_letter(letter.client, letter.receipt, letter.code)
    monkeypatch.setattr(opened, "OPEN_FOR", timedelta(0))
    assert letter.client.get("/follow/case/").url == "/follow/"


def test_opened_letter_is_not_kept_by_the_browser(letter):
    answer = letter.client.get("/follow/case/")
    assert "no-store" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    assert letter.receipt not in answer.request["PATH_INFO"]
