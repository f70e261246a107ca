"""Standard texts and the letters of the simulator: right codes, right matter, same seed same text."""

import re
from types import SimpleNamespace

import pytest
from django.utils import translation

from cases import alarms, fields, templates_text, units
from cases.intake import BODY_LIMITS, PLACE_LIMIT, TITLE_LIMITS
from cases.transitions import TRANSITIONS
from simulation import texts

KINDS = [code for code, _ in fields.KINDS]
CATEGORIES = [code for code, _ in fields.CATEGORIES]
PAIRS = [(kind, category) for kind in KINDS for category in CATEGORIES]
CITIES = [row["code"] for row in units.rows() if row["level"] == "city"]


# Standard texts


def codes_needed():
    """Yield the codes that one field's every choice must have a standard text for."""
    for prefix, choices in (
        ("reply", fields.RESULTS),
        ("feedback", fields.KINDS),
        ("ask", fields.KINDS),
        ("return", fields.RETURN_REASONS),
        ("decline", fields.DECLINE_REASONS),
        ("transfer", fields.ELSEWHERE),
        ("thank", fields.FIELDS["form"].choices),
    ):
        yield from (f"{prefix}.{code}" for code, _ in choices)


@pytest.mark.parametrize("code", list(codes_needed()))
def test_every_choice_has_a_standard_text(code):
    assert len(templates_text.render(code)) >= 10


# Which standard texts stand in for the text that an action asks for.
PREFIXES = {
    "reconsider": "reconsider", "ask_citizen": "ask", "supply": "supply", "add": "add",
    "feedback": "feedback", "note": "note", "return_to_desk": "return", "propose_reply": "reply",
    "send_back_reply": "send_back", "extend": "extend",
    "request_extension": "request_extension", "refuse_extension": "refuse_extension", "reopen": "reopen",
    "transfer_out": "transfer", "answer_supervision": "supervision", "escalate": "escalate",
    "instruct": "instruct", "thank": "thank", "recall": "recall",
    "clear_accused": "clear_accused", "end_recusal": "end_recusal",
    "cancel_meeting": "cancel_meeting", "record_finding": "finding",
    "record_rectification": "rectification", "end_rectification": "rectification",
}  # fmt: skip


def test_every_text_that_an_action_asks_for_has_a_standard_text():
    asking = {row.action for row in TRANSITIONS.values() if "text" in row.requires}
    assert asking == set(PREFIXES)
    there = {code.split(".")[0] for code in templates_text.TEMPLATES}
    assert set(PREFIXES.values()) <= there


@pytest.mark.parametrize("code", list(templates_text.TEMPLATES))
@pytest.mark.parametrize("kind, category", [(None, None), ("other", "other"), ("help", "noise")])
def test_no_slot_is_left_open(code, kind, category):
    for variant in range(len(templates_text.TEMPLATES[code])):
        text = templates_text.render(code, variant=variant, kind=kind, category=category)
        assert not re.search(r"[{}]|None|其他来信|其他问题", text)


def test_slots_are_filled_in_chinese_whatever_the_page_speaks():
    with translation.override("en"):
        text = templates_text.render(
            "feedback.complaint", variant=1, category="traffic", unit="天河分局"
        )
    assert text == "您好，对您投诉的交通管理问题，天河分局已安排专人调查，请您放心。"


def test_replies_differ_by_their_number_and_only_by_it():
    replies = [templates_text.render("reply.done", variant=number) for number in range(100)]
    assert len(set(replies)) == 100
    assert replies[7] == templates_text.render("reply.done", variant=7)


@pytest.mark.parametrize("code", ["reply.perhaps", "reply", ""])
def test_an_unknown_standard_text_is_named(code):
    with pytest.raises(KeyError, match=f"no standard text '{code}'"):
        templates_text.render(code)


# Letters


def letters(numbers, *, seed=1, kind="help", category="noise", district="440304", matters=None):
    """Return (title, body, place) of each number, all of one kind, category and district."""
    n, city = len(numbers), district[:4] + "00"
    columns = [kind] * n, [category] * n, [city] * n, [district] * n
    return list(zip(*texts.compose(seed, numbers, *columns, matters), strict=True))


def test_a_letter_made_alone_equals_the_one_in_a_block():
    block = letters(range(1, 1201))
    assert letters([500]) == block[499:500]
    assert letters(range(900, 1000)) == block[899:999]
    assert letters([7, 3]) == [block[6], block[2]]


def test_seed_and_number_change_the_letter():
    assert letters([1], seed=1) != letters([1], seed=2)
    assert letters([1]) != letters([2])


KIND_WORDS = {"consult": "咨询", "help": "求助", "complaint": "投诉", "report": "举报",
              "suggestion": "建议", "praise": "感谢", "other": "反映"}  # fmt: skip
LINE_WORDS = {"traffic": "交警", "household": "户政", "exit_entry": "出入境", "public_order": "治安",
              "criminal": "刑侦", "economic": "经侦", "fraud": "反诈", "cyber": "网安", "drugs": "禁毒",
              "noise": "派出所", "missing": "寻人", "conduct": "执法监督", "other": "警种"}  # fmt: skip


@pytest.mark.parametrize("kind, category", PAIRS)
def test_letter_fits_its_kind_category_and_city(kind, category):
    for title, body, place in letters(range(40), kind=kind, category=category, district="441323"):
        assert KIND_WORDS[kind] in title and "惠东县" in title
        assert LINE_WORDS[category] in body and "惠州市惠东县" in body
        assert place.startswith("惠州市惠东县") and place.removeprefix("惠州市") in body


@pytest.mark.parametrize("kind, category", PAIRS)
def test_letter_keeps_the_limits_and_holds_nothing_personal(kind, category):
    for title, body, place in letters(range(60), kind=kind, category=category, district="441825"):
        assert TITLE_LIMITS[0] <= len(title) <= TITLE_LIMITS[1]
        assert 150 <= len(body) <= 450 and BODY_LIMITS[0] <= len(body) <= BODY_LIMITS[1]
        assert len(place) <= PLACE_LIMIT
        assert not re.search(r"[0-9a-zA-Z@\n{}]", title + body + place)
        assert body.endswith(("。", "！"))
        # Whether a simulated letter is urgent is the engine's word, not the text's.
        assert not alarms.find(title, body)


@pytest.mark.parametrize("category", CATEGORIES)
def test_category_has_enough_matters_and_slots_enough_words(category):
    for kind in KINDS:
        pieces = texts._pieces(kind, category)
        assert all(
            len(found) >= 6 for slot, found in pieces.items() if slot not in ("matter", "title")
        )
        assert len(pieces["matter"]) >= (8 if kind in ("help", "complaint", "other") else 4)


def test_bodies_are_nearly_all_different():
    numbers = range(10_000)
    kinds, categories, cities = (
        [choices[n * step % len(choices)] for n in numbers]
        for choices, step in ((KINDS, 1), (CATEGORIES, 3), (CITIES, 5))
    )
    _titles, bodies, _places = texts.compose(5, numbers, kinds, categories, cities, [None] * 10_000)
    assert len(set(bodies)) > 9_990
    assert len({body for _title, body, _place in letters(numbers)}) > 9_990


@pytest.mark.parametrize(
    "city, area", [("440100", "广州市"), ("441900", "东莞市"), ("442000", "中山市")]
)
def test_unknown_district_is_drawn_from_the_city(city, area):
    _titles, _bodies, places = texts.compose(
        1, range(300), ["help"] * 300, ["noise"] * 300, [city] * 300, [""] * 300
    )
    own = {units.areas()[row["code"]] for row in units.rows() if row["code"].startswith(city[:4])}
    found = {name for name in own for place in places if place.startswith(area + name)}
    assert all(place.startswith(tuple(area + name for name in found)) for place in places)
    assert found == own - {area}


def test_repeated_matter_has_other_words_about_the_same_thing():
    [first], [again] = letters([10]), letters([99], matters=[10])
    assert first[2] == again[2] and first[1] != again[1]
    matter = next(
        text for _short, text in texts._pieces("help", "noise")["matter"] if text in first[1]
    )
    assert matter in again[1]


def test_arrivals_give_the_same_letters():
    arrival = SimpleNamespace(
        number=4, kind="report", category="fraud", city="441900", unit="441900-22", repeats=0
    )
    repeat = SimpleNamespace(**{**vars(arrival), "number": 9, "repeats": 4})
    columns = [["report"] * 2, ["fraud"] * 2, ["441900"] * 2, ["441900-22"] * 2]
    expected = zip(*texts.compose(3, [4, 9], *columns, [4, 4]), strict=True)
    assert list(texts.compose_arrivals(3, [arrival, repeat])) == list(expected)
    assert list(texts.compose_arrivals(3, [])) == []


def test_an_unknown_kind_is_refused():
    with pytest.raises(KeyError, match="poem"):
        letters([1], kind="poem")
