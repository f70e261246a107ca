"""The same form sent again after its query code was renewed: the receipt, and why there is no code."""

import pytest
from django.test import Client

from cases import own_data, worlds
from cases.models import Letter
from tests.citizens import open_letter, typed

pytestmark = pytest.mark.django_db


def test_receipt_is_shown_without_the_code_that_opens_nothing_now(client):
    fields = typed()
    first = client.post("/write/", fields, follow=True)
    old = first.context["code"]
    case = Letter.objects.get().case
    new = own_data.renew_code(case, "", worlds.now())
    again = Client().post("/write/", fields, follow=True)
    assert case.letter.receipt in again.text and Letter.objects.count() == 1
    assert old not in again.text and new not in again.text
    assert "没有重复收信" in again.text and "/follow/phone/" in again.text
    visitor = Client()
    assert "没有找到" in open_letter(visitor, case.letter.receipt, old).text
    assert case.letter.title in open_letter(visitor, case.letter.receipt, new).text


def test_code_renewed_before_the_receipt_was_looked_at_is_not_shown_either(client):
    client.post("/write/", typed())
    case = Letter.objects.get().case
    own_data.renew_code(case, "", worlds.now())
    shown = client.get("/write/sent/")
    assert shown.context["code"] == "" and "已换发" in shown.text
