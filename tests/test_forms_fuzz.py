"""Every form of the citizen's pages, found on them: whatever is sent to it, never a server's error."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import resolve
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from cases import crypto, worlds
from cases.desk.clerk import LetterForm as ClerksForm
from cases.fields import FIELDS
from cases.models import Letter
from cases.transitions import State
from mailbox import steps
from mailbox.wording import DOINGS
from tests.citizens import Sent
from tests.people import PERSON
from tests.test_desk_clerk import TYPED
from tests.test_writing import Walker
from tests.test_writing_fuzz import QUICK, VALUES, sendable

pytestmark = pytest.mark.django_db
MANY = 60
ABROAD = ("/desk/", "/admin/", "/simulation/", "/static/")
BYTES = st.binary(max_size=60).map(lambda content: SimpleUploadedFile("x.pdf", content))


class Page(HTMLParser):
    """The links of a page, and its forms that are posted: [(address, {name: value})]."""

    def __init__(self, path, text):
        super().__init__()
        self.path, self.links, self.forms = path, [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Take note of a link, a form, or a field of the last form."""
        has = dict(attrs)
        if tag == "a" and has.get("href"):
            self.links.append(urlsplit(urljoin(self.path, has["href"])).path)
        elif tag == "form":
            fields = {} if has.get("method") == "post" else None
            self.forms.append((urljoin(self.path, has.get("action") or self.path), fields))
        elif self.forms and self.forms[-1][1] is not None and has.get("name"):
            self.forms[-1][1].setdefault(has["name"], has.get("value", ""))


def found(client, *starts):
    """Return {address: fields} of every form that is reached by links from these pages."""
    left, seen, forms = list(starts), set(), {}
    while left:
        path = left.pop()
        if path in seen or path.startswith(ABROAD) or not path.startswith("/"):
            continue
        seen.add(path)
        answer = client.get(path, follow=True)
        if "text/html" not in answer["Content-Type"]:
            continue
        page = Page(answer.request["PATH_INFO"], answer.text)
        left += page.links
        for address, fields in page.forms:
            if fields is not None:
                forms[address] = {**forms.get(address, {}), **fields}
    return forms


@pytest.fixture(autouse=True)
def _limits(settings, tmp_path):
    settings.SENDING_FREE, settings.MEDIA_ROOT = 0, tmp_path


def visitor(client, cast, state):
    """Return somebody who wrote a letter, follows it, proved their telephone and writes another."""
    sent = Sent(client, cast).walk(state)
    Walker(client, kind="report", acting="joint", together="李四", consent="on").to_check()
    session = client.session
    index, at = crypto.blind_index("phone", PERSON["phone"]), worlds.now().isoformat()
    session["proved"] = {"index": index, "shown": "195", "at": at}
    session["check"] = {"key": "00000000-0000-4000-8000-000000000000", "shown": "195"}
    session.save()
    return sent


STARTS = (
    "/",
    "/write/",
    "/write/begin/",
    "/write/check/",
    *(f"/write/steps/{s.name}/" for s in steps.STEPS),
)
STARTS += ("/follow/mine/", "/follow/phone/code/", "/follow/case/", "/follow/case/data/")


@pytest.mark.parametrize(
    "state", [State.AWAITING_CITIZEN, State.REPLIED, State.DECLINED, State.CLOSED]
)
def test_every_form_takes_anything(client, cast, settings, state):
    visitor(client, cast, state)
    own = client.session.session_key
    forms = found(client, *STARTS)
    # What is not offered now may be posted all the same.
    for action in DOINGS:
        forms.setdefault(f"/follow/case/{action}/", dict.fromkeys((*FIELDS, "seen", "files"), ""))
    forms.setdefault("/follow/mine/code/", {"receipt": "", "sure": "1", "id_number": ""})
    assert len(forms) > 25 and sum(map(len, forms.values())) > 80
    names = {resolve(path).url_name for path in forms}
    assert {"write", "step", "check", "act", "own-data", "notices", "phone-code"} <= names
    tried = st.sampled_from(sorted(forms)).flatmap(
        lambda path: st.tuples(
            st.just(path),
            st.dictionaries(st.sampled_from(sorted(forms[path])), VALUES | BYTES, max_size=3),
        )
    )

    @settings_of(QUICK, max_examples=MANY)
    @given(tried, st.sampled_from(["zh-hans", "zh-hant", "en", "\x7f"]))
    def try_one(case, language):
        path, changes = case
        client.cookies[settings.SESSION_COOKIE_NAME] = own
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        said = {name: sendable(value) for name, value in {**forms[path], **changes}.items()}
        with transaction.atomic():  # each on the same letter in the same state
            answer = client.post(path, said)
            transaction.set_rollback(True)
        assert answer.status_code in (200, 204, 302, 403, 404), (path, changes)
        assert "<script>alert" not in (answer.text if answer.status_code == 200 else "")

    try_one()


@pytest.fixture
def clerk(client, make_officer):
    client.force_login(make_officer("enter_letter", unit="440300"))
    return client


@QUICK
@given(st.dictionaries(st.sampled_from(list(ClerksForm.base_fields)), VALUES | BYTES, max_size=4))
def test_clerks_form_takes_anything(clerk, changes):
    before = Letter.objects.count()
    said = {name: sendable(value) for name, value in {**TYPED, **changes}.items()}
    answer = clerk.post("/desk/enter/", said)
    assert answer.status_code in (200, 400), changes
    assert answer.status_code == 200 or Letter.objects.count() == before


@pytest.mark.parametrize("back", ["é", "//evil.example", "\x00", "javascript:alert(1)", "/follow/"])
def test_switch_of_the_display_leads_back_to_our_own_pages_alone(client, back):
    answer = client.post("/display/", {"next": back})
    assert answer.status_code == 302 and "evil" not in answer.url and "script" not in answer.url
