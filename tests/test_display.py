"""Large text and high contrast: chosen by a form, kept on the device, with nothing lost on the way."""

import re

import pytest

from cases.models import Letter, RenewedCode
from cases.transitions import State
from mailbox import display
from tests.carriers import SENT
from tests.citizens import Sent, send, typed

FIGURES = re.compile(r'class="figure">([^<]+)<')
pytestmark = pytest.mark.django_db
PAGES = (
    "/",
    "/write/",
    "/write/steps/place/",
    "/follow/",
    "/follow/phone/",
    "/answers/",
    "/nothing",
)


def press(client, button, back="/follow/"):
    return client.post("/display/", {"display": button, "next": back})


def shown(page):
    """Return (whether in large text, whether in high contrast) of a page."""
    return 'class="large"' in page, bool(re.search(r'contrast[.\w]*\.css">', page))


@pytest.mark.parametrize(
    ("buttons", "kept"),
    [
        ([], (False, False)),
        (["large"], (True, False)),
        (["contrast"], (False, True)),
        (["large", "contrast"], (True, True)),
        (["contrast", "large", "large"], (True, True)),
        (["large", "contrast", "no-large"], (False, True)),
        (["large", "no-large"], (False, False)),
        (["no-contrast", "\x00", "large-large", "巨大"], (False, False)),
    ],
)
def test_ways_are_combined_and_left_again(client, buttons, kept):
    for button in buttons:
        assert press(client, button).url == "/follow/"
    assert shown(client.get("/nothing").text) == kept


def test_every_page_is_shown_as_chosen(client, monkeypatch):
    press(client, "large")
    assert all(shown(client.get(path).text) == (True, False) for path in PAGES)
    monkeypatch.setattr("mailbox.year.figures", lambda: 1 / 0)
    client.raise_request_exception = False
    answer = client.get("/")
    assert answer.status_code == 500 and shown(answer.text) == (True, False)


@pytest.mark.parametrize("value", ["large-contrast", "contrast-large", "nonsense-large", "large--"])
def test_any_cookie_is_read_for_what_it_says(client, value):
    client.cookies[display.COOKIE] = value
    assert shown(client.get("/").text) == ("large" in value, "contrast" in value)


@pytest.mark.parametrize(
    "back", ["", "https://example.com/", "//example.com", "javascript:1", "\x00"]
)
def test_the_way_back_stays_here(client, back):
    assert press(client, "large", back).url == "/"


def test_it_is_changed_by_a_form_alone(client):
    assert client.get("/display/?display=large").status_code == 405
    assert display.COOKIE not in client.cookies


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_other_language_and_the_search_stay(client, language):
    press(client, "large")
    answer = client.post(
        "/display/", {"language": language, "next": "/answers/?q=护照"}, follow=True
    )
    assert answer.request["QUERY_STRING"].startswith("q=")
    assert shown(answer.text) == (True, False)
    assert ("Normal text" in answer.text) == (language == "en")


def test_home_in_large_text_begins_with_doors_and_telephones(client):
    wide = client.get("/").text
    press(client, "large")
    page = client.get("/").text
    assert wide.index("<h2>") < wide.index("tel:12345") and wide.count("<h2>") == page.count("<h2>")
    order = [page.index(mark) for mark in ("/write/begin/", "tel:12389", "/answers/", "<details")]
    assert order == sorted(order) and "<details" not in wide


def test_one_page_form_keeps_what_was_typed_and_sends_nothing(client):
    answer = client.post("/write/", typed(title="写了一半", display="large"))
    assert shown(answer.text) == (True, False) and 'value="写了一半"' in answer.text
    assert shown(client.get("/").text) == (True, False)
    answer = client.post("/write/", typed(title="Half", display="contrast", language="en"))
    assert shown(answer.text) == (True, True) and "Normal contrast" in answer.text
    assert not Letter.objects.exists()


def test_step_keeps_what_was_typed(client):
    answer = client.post("/write/steps/place/", {"place": "福田", "display": "large"}, follow=True)
    assert answer.request["PATH_INFO"] == "/write/steps/place/"
    assert shown(answer.text) == (True, False) and 'value="福田"' in answer.text


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [("/follow/", "receipt", "PA-7KQ2-M9XR-C9"), ("/follow/phone/", "phone", "13800138000")],
)
def test_other_forms_keep_what_was_typed_and_judge_nothing(client, path, name, value):
    answer = client.post(path, {name: value, "display": "large", "language": "en"})
    assert shown(answer.text) == (True, False) and f'value="{value}"' in answer.text
    assert not answer.context["form"].errors and 'lang="en"' in answer.text


def test_form_of_a_letter_keeps_what_was_typed(client, cast):
    letter = Sent(client, cast).walk(State.AWAITING_CITIZEN)
    answer = letter.post("supply", text="昨天又坏了。", display="large")
    assert shown(answer.text) == (True, False) and "昨天又坏了。</textarea>" in answer.text
    assert letter.case.state == State.AWAITING_CITIZEN
    answer = letter.post("supply", text="", display="contrast")  # nothing typed: the letter itself
    assert answer.request["PATH_INFO"] == "/follow/case/" and shown(answer.text) == (True, True)
    answer = letter.client.post("/follow/case/data/", {"email": "a@example.com", "language": "en"})
    assert 'value="a@example.com"' in answer.text and "Normal text" in answer.text


def test_renewed_code_stays_on_its_page(client, settings):
    settings.SMS_PROVIDER = "tests.carriers.carrier"
    receipt, _code = send(client)
    client.post("/follow/phone/", {"phone": typed()["phone"]})
    client.post("/follow/phone/code/", {"code": re.search(r"\d{6}", SENT[-1][1])[0]})
    asked = {"receipt": receipt}
    page = client.post("/follow/mine/code/", {**asked, "display": "large"}).text
    assert shown(page) == (True, False) and not RenewedCode.objects.exists()
    answer = client.post("/follow/mine/code/", {**asked, "sure": "1"})
    code = FIGURES.findall(answer.text)[1]
    kept = {**asked, "shown": answer.context["shown"], "display": "no-large"}
    page = client.post("/follow/mine/code/", kept).text
    assert FIGURES.findall(page) == [receipt, code] and shown(page) == (False, False)
    assert RenewedCode.objects.count() == 1


def test_receipt_keeps_its_query_code(client):
    answer = client.post("/write/", typed(), follow=True)
    receipt, code = FIGURES.findall(answer.text)
    kept = {"shown": answer.context["shown"]}
    page = client.post("/write/sent/", {"display": "large", **kept}).text
    assert shown(page) == (True, False) and FIGURES.findall(page) == [receipt, code]
    page = client.post("/write/sent/", {"language": "en", **kept}).text
    assert code in page and "Normal text" in page
    for wrong in ("", code, kept["shown"][:-1] + "x", "\x00"):
        assert code not in client.post("/write/sent/", {"display": "large", "shown": wrong}).text
    assert code not in client.get("/write/sent/").text
    send(client)
    assert code not in client.post("/write/sent/", {"display": "large", **kept}).text
