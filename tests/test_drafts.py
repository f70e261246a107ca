"""Drafts: what an officer types for a step is kept on the server until the step is taken."""

import pytest

from cases import drafts, worlds
from cases.models import Draft, Event
from cases.transitions import TRANSITIONS, State
from tests.desk_page import HANDLER, address, page, take
from tests.people import MORNING, build_officer
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db
HALF = "红绿灯已经报修，预计"


@pytest.fixture
def handler(cast):
    return build_officer("handle_case", "note_case", unit=HANDLER)


def keep(client, case, action="propose_reply", seen=None, **typed):
    seen = case.seq if seen is None else seen
    return client.post(address(case, f"draft/{action}/"), {"seen": seen, **typed})


def test_half_a_reply_is_there_again_when_the_letter_is_opened(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    answer = keep(client, case, text=HALF)
    assert answer.status_code == 200 and len(answer.json()["saved"]) == 5
    shown = page(client, handler, case).content.decode()
    assert f">\n{HALF}</textarea>" in shown and "已恢复您" in shown
    assert not Event.objects.filter(action="propose_reply").exists()


def test_all_fields_of_a_step_come_back(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    keep(client, case, "contact", how="phone", reached="no", text="无人接听")
    contact = next(
        form
        for group in page(client, handler, case).context["steps"].values()
        for form in group
        if form.row.action == "contact"
    )
    assert contact.initial["how"] == "phone" and contact.initial["reached"] == "no"


def test_a_later_save_replaces_the_earlier_and_an_empty_one_ends_it(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    for text in (HALF, HALF + "三天内修好。"):
        keep(client, case, text=text)
    assert [draft.typed for draft in Draft.objects.all()] == [{"text": HALF + "三天内修好。"}]
    assert keep(client, case, text="  ").json() == {"saved": ""}
    assert not Draft.objects.exists()


def test_taking_the_step_ends_the_draft_and_no_other(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    keep(client, case, "feedback", text=HALF)
    keep(client, case, "note", text="另一份")
    assert take(client, case, "feedback", text=HALF + "完").status_code == 302
    assert list(Draft.objects.values_list("action", flat=True)) == ["note"]


@pytest.mark.parametrize(
    "text, kept", [(HALF, False), (HALF + "已修好。", False), ("别的话", True)]
)
def test_a_save_that_arrives_after_its_step_leaves_no_ghost(client, cast, handler, text, kept):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    take(client, case, "note", text=HALF + "已修好。")
    keep(client, case, "note", text=text)
    assert Draft.objects.exists() == kept


def test_a_refused_step_is_kept_as_a_draft(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    answer = take(client, case, "propose_reply", text=HALF)  # no result yet
    assert answer.status_code == 409 and HALF in answer.content.decode()
    assert HALF in page(client, handler, case).content.decode()


def test_a_draft_of_a_step_that_cannot_be_taken_now_is_shown_to_be_copied(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    keep(client, case, text=HALF)
    cast.step(case.pk, "ask_citizen", text="请说明路口。")
    answer = page(client, handler, case)
    (unused,) = answer.context["unused"]
    assert unused.label == TRANSITIONS["propose_reply"].label and HALF in dict(unused.said).values()
    assert keep(client, case, forget="1").status_code == 302
    assert not Draft.objects.exists()


def test_buttons_do_the_same_without_a_script(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    answer = keep(client, case, text=HALF, keep="1")
    assert answer.url == address(case) + "#step-propose_reply"
    assert "草稿已保存" in client.get(address(case)).content.decode()


def test_new_events_since_the_draft_are_said(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    keep(client, case, text=HALF)
    cast.step(case.pk, "note", text="来信人又打来电话。")
    assert "有了新情况" in page(client, handler, case).content.decode()


def test_nobody_else_sees_a_draft(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    keep(client, case, text=HALF)
    assert HALF not in page(client, cast.writer, case).content.decode()


@pytest.mark.parametrize("action", ["receive", "rate", "nonsense", "approve_reply"])
def test_steps_that_are_not_this_officers_have_no_drafts(client, cast, handler, action):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    assert keep(client, case, action, text=HALF).status_code == 404
    assert not Draft.objects.exists()


def test_drafts_of_letters_out_of_sight_look_absent(client, cast):
    case = cast.make_case(State.IN_HAND)
    client.force_login(build_officer("handle_case", unit="440100"))
    there = keep(client, case, text=HALF)
    case.letter.receipt = "PA-0000-0000-00"
    assert there.status_code == 404 and there.content == keep(client, case, text=HALF).content


@pytest.mark.parametrize("text", ["有\x00零", "控制\x1b符\u202e反向", "一\r\n二"])
def test_odd_characters_are_no_error(client, cast, handler, text):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    assert keep(client, case, text=text).status_code == 200
    assert "\x00" not in Draft.objects.get().typed["text"]


def test_far_too_long_a_text_is_refused_in_words(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    answer = keep(client, case, text="字" * (drafts.LONGEST + 1))
    assert answer.status_code == 400 and "20000" in answer.json()["error"]


@pytest.mark.parametrize("seen", ["", "x", "-3", "9" * 20, "²"])
def test_any_seq_will_do_for_a_draft(client, cast, handler, seen):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    assert keep(client, case, seen=seen, text=HALF).status_code == 200


def test_reading_changes_nothing(client, cast, handler):
    case = cast.make_case(State.IN_HAND)
    client.force_login(handler)
    assert client.get(address(case, "draft/note/")).status_code == 405


def test_a_draft_made_in_a_world_stays_there(cast):
    world = make_run()
    with worlds.enter(world):
        from cases.models import Case

        case = Case.objects.first()
        row = TRANSITIONS["note"]
        assert drafts.save(cast.writer, case, row, {"text": HALF}, case.seq, MORNING)
    assert not Draft.objects.exists()
