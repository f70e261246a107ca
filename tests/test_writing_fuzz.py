"""Whatever is typed into the form: a message at the field, or text cleaned as documented; no 500."""

import json
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from cases import acting, crypto
from cases.identity import clean
from cases.intake import BODY_LIMITS, PLACE_LIMIT, TITLE_LIMITS
from cases.models import Letter
from mailbox import steps
from mailbox.letter_form import LetterForm
from tests.citizens import typed

pytestmark = pytest.mark.django_db
QUICK = tried(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = (
    "\x00", "\x1b[31m", "\r\n", "\u202egpj.exe", "\u2066", "\u200b", "\ufeff", "\ufffe", "\U0010ffff",
    "é", "👨‍👩‍👧", "🇨🇳", "‐‑‒–—−－", "１１０", "Ⅷ", "٣", "<script>alert(1)</script>", "{{ x }}", "%s%(a)s",
    "'; DROP TABLE x; --", "../../etc/passwd", "[]", "null", "-1", "1e9", "9" * 40, "　", " ", "ﷺ",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(ODD) | st.text(max_size=8), max_size=12).map("".join)
LONG = st.integers(1, 3000).map(lambda n: "长" * n)
VALUES = WORDS | LONG | st.lists(WORDS, max_size=3)
FIELDS = st.dictionaries(st.sampled_from(list(LetterForm.base_fields)), VALUES, max_size=4)


@pytest.fixture(autouse=True)
def _without_limits(settings):
    settings.SENDING_FREE = 0


def sendable(value):
    """Return a value as a browser could send it: no lone surrogates."""
    if isinstance(value, list):
        return [sendable(one) for one in value]
    if not isinstance(value, str):
        return value
    return "".join(c for c in value if unicodedata.category(c) != "Cs")


def post(client, path, fields):
    answer = client.post(path, {name: sendable(value) for name, value in fields.items()})
    assert answer.status_code in (200, 302), (path, fields)
    return answer


@QUICK
@given(FIELDS)
def test_form_on_one_page_takes_anything(client, changes):
    before = Letter.objects.count()
    answer = post(client, "/write/", {**typed(), "emergency_seen": "1", **changes})
    kept = Letter.objects.count() - before
    if answer.status_code == 200:
        form = answer.context["form"]
        assert kept == 0 and form.errors and "<script>alert" not in answer.text
    elif kept:
        letter = Letter.objects.latest("pk")
        assert TITLE_LIMITS[0] <= len(letter.title) <= TITLE_LIMITS[1]
        assert BODY_LIMITS[0] <= len(letter.body) <= BODY_LIMITS[1]
        assert len(letter.place) <= PLACE_LIMIT and "\x00" not in letter.body
        assert clean(letter.body) == letter.body
        said = crypto.open_sealed(letter.writer.key_id, letter.writer.sealed)
        assert said.get("acting", acting.SELF) in dict(acting.ACTING)


@QUICK
@given(st.sampled_from([step.name for step in steps.STEPS]), FIELDS)
def test_each_step_takes_anything_and_can_be_shown_again(client, name, fields):
    address = f"/write/steps/{name}/"
    post(client, address, fields)
    for path in (address, "/write/check/", "/write/begin/"):
        assert client.get(path, follow=True).status_code == 200
    post(client, "/write/check/", {"altcha": json.dumps(fields)})


@pytest.mark.parametrize("path", ["/write/", "/write/steps/content/"])
def test_ten_megabytes_of_text_get_a_sentence(client, path):
    answer = client.post(path, typed(body="长" * 3_500_000))
    assert answer.status_code == 400 and "内容可能太大" in answer.text


@QUICK
@given(st.binary(max_size=200), WORDS)
def test_any_file_under_any_name_is_no_server_error(client, content, name):
    for start in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"):
        file = SimpleUploadedFile(sendable(name) or "x", start + content)
        answer = client.post("/write/steps/files/", {"attachments": file, "upload": "1"})
        assert answer.status_code in (200, 302)


@pytest.mark.parametrize("value", ["不是文件", ["a", "b"]])
def test_text_where_a_file_belongs_is_no_file(client, value):
    assert client.post("/write/steps/files/", {"attachments": value}).status_code == 302
