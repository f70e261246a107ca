"""What tests of the citizen's pages type, and how they find it again."""

import re
import uuid
from datetime import date

from cases import worlds
from cases.models import Case
from tests.people import PERSON, WALKS


def child():
    """Return the identity number of somebody who is five, this year."""
    first = f"440100{date.today().year - 5}0101001"
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(first))
    return first + "10X98765432"[total % 11]


def typed(**changes):
    """Return a filled-in letter form, as a browser posts it."""
    fields = {
        "key": str(uuid.uuid4()),
        "mailbox": "440300",
        "kind": "help",
        "category": "traffic",
        "title": "小区门口红绿灯损坏",
        "body": "小区门口的红绿灯坏了一个星期，孩子上学过马路很危险，请尽快维修。",
        "place": "",
        **PERSON,
    }
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def send(client, **changes):
    """Send a letter through the form; return (receipt, query code)."""
    answer = client.post("/write/", typed(**changes), follow=True)
    shown = re.findall(r'class="figure">([^<]+)<', answer.text)
    assert len(shown) == 2, answer.text
    return tuple(shown)


def open_letter(client, receipt, code):
    """Look a letter up; return its page."""
    return client.post("/follow/", {"receipt": receipt, "code": code}, follow=True)


class Sent:
    """A letter sent through the form and opened, and the client that holds it open."""

    def __init__(self, client, cast, **changes):
        self.client, self.cast = client, cast
        self.receipt, self.code = send(client, **changes)
        self.pk = Case.objects.get(letter__receipt=self.receipt).pk
        open_letter(client, self.receipt, self.code)

    @property
    def case(self):
        return Case.objects.get(pk=self.pk)

    def walk(self, state, start=0):
        for action, fields in WALKS[state][start:]:
            self.cast.step(self.pk, action, at=worlds.now(), **fields)
        return self

    def page(self):
        return self.client.get("/follow/case/").text

    def post(self, action, **fields):
        return self.client.post(f"/follow/case/{action}/", fields, follow=True)
