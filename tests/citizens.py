"""What tests of the citizen's pages type, and how they find it again."""

import re
import uuid

from tests.people import PERSON


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
