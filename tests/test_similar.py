"""Have we had this? What is found like a letter, for whom, and how two texts differ."""

import random
from datetime import timedelta

import pytest

from cases import access, grams, similar
from cases.desk.differing import differing
from cases.models import Case
from cases.transitions import State
from tests.people import MORNING, build_officer

NOISE = {
    "title": "楼下烧烤店深夜噪音扰民",
    "body": "我住在翠竹花园三栋，楼下的烧烤店每晚营业到凌晨两点，划拳声和音响吵得老人无法入睡。",
    "place": "罗湖区翠竹路",
}
AGAIN = {
    "title": "翠竹路烧烤店噪音问题仍未解决",
    "body": "翠竹花园楼下那家烧烤店，昨晚又营业到凌晨两点，音响声比以前还大，请尽快处理。",
    "place": "翠竹路",
}
OTHER = {"phone": "15400000009", "name": "另一人"}


@pytest.fixture
def had(make_case):
    """A letter, one like it by someone else, and others about other things."""
    one = make_case(**NOISE)
    for title in ("身份证遗失补办流程咨询", "路口红绿灯损坏三天", "出入境窗口排队太久"):
        make_case(title=title, body=f"{title}，请有关部门回复，谢谢。", person={})
    return one, make_case(**AGAIN, person=OTHER, at=MORNING + timedelta(days=1))


def found(case, **more):
    case = Case.objects.select_related("letter__writer").get(pk=case.pk)
    return similar.similar(case, Case.objects.all(), **more)


def test_a_letter_about_the_same_matter_is_found(had):
    one, again = had
    [like] = found(again)
    assert like.case.pk == one.pk and like.score > similar.THRESHOLD and not like.same_writer
    assert any("烧烤店" in word for word in like.words)
    assert [like.case.pk for like in found(one)] == [again.pk]


def test_letters_in_english_are_alike_by_their_words(make_case):
    one, other, again = (
        make_case(title=title, body=body, place="", person={})
        for title, body in (
            ("Loud karaoke every night", "The karaoke bar under our flat plays loud music."),
            ("Scammer cheated me", "I transferred money to a fake customer service in Nanshan."),
            ("Karaoke is loud again", "That karaoke bar plays music at night, it is so loud."),
        )
    )
    [like] = found(again)
    assert like.case.pk == one.pk and "karaoke" in like.words
    assert found(other) == []


def test_letters_of_the_same_writer_are_found_whatever_they_say(make_case):
    first, second = (
        make_case(**NOISE),
        make_case(title="身份证遗失补办流程咨询", body="怎么补办，多久能取？"),
    )
    [like] = found(second)
    assert like.case.pk == first.pk and like.same_writer
    assert found(second, may_link=lambda other: False) == []


def test_near_ones_come_first(make_case):
    make_case(**NOISE, person={}, at=MORNING - timedelta(days=300))
    near = make_case(**NOISE, person={}, at=MORNING - timedelta(days=1))
    likes = found(make_case(**NOISE, person={}))
    assert [like.score for like in likes] == pytest.approx([1, 1])
    assert likes[0].case.pk == near.pk


def test_rare_words_tell_more_than_common_ones(had, make_case, monkeypatch):
    monkeypatch.setattr("cases.similar._ENOUGH", 1)
    for number in range(20):
        make_case(title=f"噪音扰民投诉{number}", body="深夜噪音扰民，请尽快处理，谢谢。", person={})
    grams.analyse()
    weights = similar.Weights()
    common, rare = (grams.of(word).pop() for word in ("噪音", "翠竹"))
    assert weights.of(common) < weights.of(rare)
    assert found(had[1])[0].case.pk == had[0].pk


# -- the officer's page ------------------------------------------------------------------------


def page(client, user, case, place=""):
    client.force_login(user)
    return client.get(f"/desk/{case.letter.receipt}/{place}")


def test_panel_shows_what_the_officer_sees(client, had, cast):
    one, again = had
    shown = page(client, cast.writer, again)
    [like] = shown.context["similar"]["found"]
    assert like.case.pk == one.pk and f"/beside/{one.letter.receipt}/" in shown.content.decode()
    hidden = build_officer("handle_case", unit="440304")
    cast.step(again.pk, "accept")
    cast.step(again.pk, "dispatch", unit="440304")
    assert page(client, hidden, again).context["similar"]["found"] == []
    assert page(client, hidden, again, f"beside/{one.letter.receipt}/").status_code == 404


def test_that_two_reports_have_one_writer_is_hidden_like_the_writer(client, make_case, cast):
    plain, report = make_case(State.DISPATCHED, **NOISE), make_case(State.DISPATCHED, kind="report")
    handler = build_officer("handle_case", "reveal_identity", unit="440304")
    for case, other in ((plain, report), (report, plain)):
        assert page(client, handler, case).context["similar"]["found"] == []
        beside = page(client, handler, case, f"beside/{other.letter.receipt}/")
        assert not beside.context["same_writer"]
        beside = page(client, cast.writer, case, f"beside/{other.letter.receipt}/")
        assert beside.context["same_writer"]
    assert access.may_link_writer(handler, plain) and not access.may_link_writer(handler, report)


def test_two_letters_stand_side_by_side_and_are_merged(client, had, cast):
    one, again = had
    answer = page(client, cast.writer, again, f"beside/{one.letter.receipt}/")
    text = answer.content.decode()
    assert [side.case.pk for side in answer.context["sides"]] == [one.pk, again.pk]
    assert "<mark>" in text and f'value="{one.letter.receipt}"' in text
    client.post(
        f"/desk/{again.letter.receipt}/merge/", {"seen": again.seq, "into": one.letter.receipt}
    )
    assert Case.objects.get(pk=again.pk).merged_into_id == one.pk
    answer = page(client, cast.writer, one, f"beside/{again.letter.receipt}/")
    assert [side.inside for side in answer.context["sides"]] == [False, True]
    client.post(f"/desk/{again.letter.receipt}/unmerge/", {"seen": again.seq + 1})
    assert Case.objects.get(pk=again.pk).state == State.RECEIVED


def test_merging_is_offered_to_whoever_may(client, had):
    one, again = had
    caller = build_officer("call_back_case")
    text = page(client, caller, again, f"beside/{one.letter.receipt}/").content.decode()
    assert "/merge/" not in text


@pytest.mark.parametrize("other", ["PA-2222-2222-22", "x", "%00"])
def test_what_is_not_there_has_no_place_beside(client, had, cast, other):
    assert page(client, cast.writer, had[0], f"beside/{other}/").status_code == 404
    assert page(client, cast.writer, had[0], f"beside/{had[0].letter.receipt}/").status_code == 404


# -- differences -------------------------------------------------------------------------------

DIFFERENCES = [
    ("同样，的话。", "同样，的话。", [], []),
    ("昨晚又吵，请处理。", "昨晚又吵，请尽快处理。", [], ["尽快"]),
    ("一，二二，三。", "一，三。", ["二二，"], []),
    ("ＡＢ楼，吵。", "ab楼，吵。", [], []),
    ("", "新的话。", [], ["新的话。"]),
    ("完全不同", "没有一样", ["完全不同"], ["没有一样"]),
]


@pytest.mark.parametrize(("one", "two", "left", "right"), DIFFERENCES)
def test_what_differs_is_marked(one, two, left, right):
    sides = differing(one, two)
    assert ["".join(piece for piece, _differs in side) for side in sides] == [one, two]
    marked = [[piece for piece, differs in side if differs] for side in sides]
    assert marked == [left, right]


def test_long_and_monotonous_texts_are_compared():
    draw = random.Random(3)
    for alphabet in ("啊", "啊，", "啊吧，。"):
        one, two = ("".join(draw.choices(alphabet, k=2000)) for _side in range(2))
        sides = differing(one, two)
        assert ["".join(piece for piece, _d in side) for side in sides] == [one, two]
