"""What may be said with a step: every field's right and wrong values, and what is kept of them."""

from datetime import timedelta

import pytest

from cases import actors
from cases.fields import FIELDS, KINDS
from cases.inputs import LABEL_LIMITS, TEXT_LIMIT, read_fields
from cases.models import Message, Officer, Unit
from cases.refusals import Incomplete
from cases.templates_text import TEMPLATES
from cases.transitions import TRANSITIONS, State
from cases.workflow import perform
from tests.people import MORNING, build_officer

pytestmark = pytest.mark.django_db


def read(action, **fields):
    return read_fields(TRANSITIONS[action], fields)


# Things no form sends, but a program might: each is refused with a sentence, never an error.
JUNK = [
    [], ["a"], {}, {"a": 1}, (), b"bytes", 1.5, object(), 10**5000, -(10**40), "9" * 5000, "\x00",
    "\ud800", "²", "a\x00b", "👮" * 6000, "‮‮", "' OR 1=1 --", "1_0", "1e3", float("nan"), set(),
]  # fmt: skip
# One action in which each type of field is asked for.
ASKED = {
    "text": "note", "kind": "reclassify", "category": "reclassify", "decline_reason": "decline",
    "elsewhere": "decline", "return_reason": "return_to_desk", "unit": "dispatch",
    "officer": "assign", "how": "contact", "reached": "contact", "result": "record_result",
    "days": "extend", "satisfied": "rate", "solved": "rate", "into": "merge", "level": "supervise",
    "number": "record_incident", "title": "record_rule", "form": "thank",
    "accused_unit": "name_accused", "recusal_reason": "recuse",
    "slot": "arrange_meeting", "link": "arrange_meeting", "review": "pass_clue",
    "filing": "decide_filing", "finding": "record_finding", "by_date": "record_rectification",
    "cause": "recompute", "to_merged": "propose_reply",
}  # fmt: skip


def _good(action):
    """Return fields that the action takes."""
    good = {
        "text": "内容", "kind": "help", "category": "noise", "decline_reason": "not_ours",
        "elsewhere": "12345", "return_reason": "unclear", "unit": "440304", "how": "phone",
        "reached": True, "result": "done", "days": 5, "satisfied": True, "solved": False,
        "level": "red", "number": "A1", "title": "规定", "form": "letter",
        "accused_unit": "440304", "recusal_reason": "interest",
        "slot": "2026-03-04T15:00", "review": "plain", "filing": "moved", "finding": "true",
        "by_date": "2026-03-04", "cause": "policy", "to_merged": True,
    }  # fmt: skip
    if "officer" in TRANSITIONS[action].requires:
        good["officer"] = build_officer(unit="440304")
    row = TRANSITIONS[action]
    return {name: good[name] for name in row.requires if name in good}


def test_every_field_of_the_product_is_tried_here():
    assert set(ASKED) == set(FIELDS)
    for name, action in ASKED.items():
        assert name in (*TRANSITIONS[action].requires, *TRANSITIONS[action].allows)


@pytest.mark.parametrize("name", ASKED)
def test_junk_is_a_refusal_that_names_the_field(name):
    action = ASKED[name]
    good = _good(action)
    may_pass = {"text", "number", "title"}  # odd text is still text
    for junk in JUNK:
        try:
            said = read(action, **{**good, name: junk})
        except Incomplete as refusal:
            assert refusal.fields == (name,), (name, junk)
            assert str(refusal)
        else:
            assert name in may_pass and isinstance(junk, str), (name, junk)
            stored = said.text if name == "text" else said.data[name]
            assert "\x00" not in stored and "\ud800" not in stored
            assert len(stored) <= (TEXT_LIMIT if name == "text" else LABEL_LIMITS[name])


@pytest.mark.parametrize("name", [n for n, a in ASKED.items() if n in TRANSITIONS[a].requires])
def test_what_is_missing_is_named(name):
    fields = _good(ASKED[name])
    for empty in (None, ""):
        with pytest.raises(Incomplete) as refusal:
            read(ASKED[name], **{**fields, name: empty})
        assert name in refusal.value.fields
        assert str(FIELDS[name].label) in str(refusal.value)


def test_all_that_is_missing_is_named_at_once():
    with pytest.raises(Incomplete) as refusal:
        read("return_to_desk")
    assert refusal.value.fields == ("return_reason", "text")


def test_every_choice_is_taken():
    for name, action in ASKED.items():
        for code, _label in FIELDS[name].choices:
            assert read(action, **{**_good(action), name: code}).data[name] == code


@pytest.mark.parametrize(
    "value, kept", [(True, True), (False, False), ("yes", True), ("no", False)]
)
def test_yes_and_no_are_kept_as_such(value, kept):
    assert read("call_back", reached=value).data == {"reached": kept}


@pytest.mark.parametrize("value", [1, 0, "1", "on", "True", "是"])
def test_nothing_else_is_yes_or_no(value):
    with pytest.raises(Incomplete):
        read("call_back", reached=value)


@pytest.mark.parametrize("value, days", [(1, 1), ("30", 30), ("１０", 10), (" 7 ", 7)])
def test_days_are_read_in_any_width(value, days):
    assert read("extend", text="需要鉴定。", days=value).data["days"] == days


@pytest.mark.parametrize("value", [0, 31, -1, "0", "3.5", True])
def test_days_have_limits(value):
    with pytest.raises(Incomplete):
        read("extend", text="需要鉴定。", days=value)


def test_text_is_kept_as_written_but_for_what_cannot_be_stored():
    assert (
        read("note", text=" 第一行\r\n第二行\x00，（全角）\u202e ").text
        == "第一行\n第二行，（全角）"
    )


def test_text_has_a_limit_and_says_by_how_much_it_is_passed():
    assert len(read("note", text="字" * TEXT_LIMIT).text) == TEXT_LIMIT
    with pytest.raises(Incomplete, match=f"{TEXT_LIMIT}字，现有{TEXT_LIMIT + 1}字"):
        read("note", text="字" * (TEXT_LIMIT + 1))


def test_text_of_blanks_is_no_text():
    for blank in (" ", "\n\t", "\x00", "\u202e"):
        with pytest.raises(Incomplete):
            read("note", text=blank)


def test_numbers_fit_their_column():
    longest = "A" * LABEL_LIMITS["number"]
    assert read("record_incident", number=longest).data["number"] == longest
    with pytest.raises(Incomplete):
        read("record_incident", number=longest + "A")
    assert read("record_rule", number="1", title="规" * 100).data["title"] == "规" * 100


@pytest.mark.parametrize("typed", ["a-1", " A-1 ", "Ａ－１", "a-1\x00"])
def test_one_number_has_one_form(typed):
    assert read("record_incident", number=typed).data["number"] == "A-1"


def test_a_unit_is_named_by_code_or_given():
    unit = Unit.objects.get(code="440304")
    assert read("dispatch", unit="440304").unit == unit
    assert read("dispatch", unit=unit).unit == unit
    assert read("dispatch", unit=unit).data == {}


@pytest.mark.parametrize("value", ["999999", "44030", "440304/", 440304.0])
def test_an_unknown_unit_is_refused(value):
    with pytest.raises(Incomplete):
        read("dispatch", unit=value)


def test_a_closed_unit_and_an_officer_who_left_are_refused():
    Unit.objects.filter(code="440304").update(active=False)
    officer = build_officer(unit="440305")
    Officer.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(Incomplete):
        read("dispatch", unit="440304")
    for gone in (officer.pk, str(officer.pk), Officer.objects.get(pk=officer.pk), 0, "0"):
        with pytest.raises(Incomplete):
            read("assign", officer=gone)


def test_an_officer_is_named_by_key_or_given():
    officer = build_officer(unit="440305")
    for value in (officer, officer.pk, str(officer.pk)):
        said = read("assign", officer=value)
        assert (said.officer, said.data) == (officer, {"officer": officer.pk})


def test_a_case_is_named_by_its_receipt_however_it_is_typed(make_case):
    case = make_case()
    receipt = case.letter.receipt
    for typed in (receipt, receipt.lower(), receipt.replace("-", ""), f" {receipt} "):
        assert read("merge", into=typed).data == {"into": case.pk}
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in receipt)
    assert read("merge", into=full_width).into == case


def test_unknown_fields_are_an_error_of_the_program():
    with pytest.raises(ValueError, match="accept: unknown fields"):
        read("accept", text="x")
    with pytest.raises(ValueError, match="unknown fields"):
        read("note", text="x", state="closed")


@pytest.mark.parametrize("template", ["no.such", "", [], {"a": 1}, 7])
def test_unknown_templates_are_an_error_of_the_program(template):
    with pytest.raises((ValueError, Incomplete)):
        read("feedback", template=template)


def test_a_template_is_for_what_has_a_text():
    assert read("feedback", template="feedback.help").data == {"template": "feedback.help"}
    with pytest.raises(ValueError):
        read("accept", template="feedback.help")
    assert set(TEMPLATES) >= {f"feedback.{kind}" for kind, _label in KINDS}


@pytest.mark.parametrize(
    "action", [row.action for row in TRANSITIONS.values() if "text" in row.allows]
)
def test_an_optional_text_may_be_left_out(action):
    said = read(action, **_good(action))
    assert said.text == ""


def test_a_hostile_text_is_kept_and_stays_text(cast):
    case = cast.make_case(State.IN_HAND)
    hostile = "<script>alert(1)</script>'; DROP TABLE live.cases_case; -- {{ 7*7 }} %s"
    event = cast.step(case.pk, "note", text=hostile)
    assert Message.objects.get(event=event).body == hostile


def test_fields_of_one_step_do_not_stay_for_the_next(cast):
    case = cast.make_case(State.REPLIED)
    citizen = actors.citizen(case.pk)
    perform(case.pk, "thank", actor=citizen, at=MORNING, form="letter", text="谢谢！")
    event = perform(case.pk, "close", actor=citizen, at=MORNING + timedelta(days=1))
    assert event.data == {}
