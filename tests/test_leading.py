"""Leaders: direct reports, charge of cases, meetings; what is offered, what waits, what is told."""

from datetime import timedelta

import pytest

from cases import actors, guards, leading, leading_guards, worlds
from cases.desk import waiting
from cases.models import Case, Event
from cases.refusals import GuardRefused, Incomplete
from cases.transitions import State
from cases.workflow import perform
from tests.citizens import Sent
from tests.desk_page import HANDLER, address, page, take
from tests.people import MORNING, WALKS, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
DAY = timedelta(days=1)
SLOT = {"how": "online", "slot": "2026-03-04T15:00"}
FOUND = {"finding": "true", "text": "经查属实。"}
PLAN = {"by_date": "2026-03-20", "text": "限期整改。"}
CONDUCT = {"kind": "complaint", "category": "conduct"}


@pytest.fixture
def leader(db):
    return build_officer("lead_case", unit="440300", username="leader")


def by(officer, case, action, at=MORNING, **fields):
    return perform(case.pk, action, actor=actors.officer(officer), at=at, **fields)


def waits(officer, case, at=MORNING):
    return waiting.waiting_for(officer, at).filter(pk=case.pk).exists()


def offered(officer, case, at=MORNING):
    return {row.action for row in guards.open_to(officer, Case.objects.get(pk=case.pk), at)}


# -- guards ------------------------------------------------------------------------------------

# Steps before, the step, its fields, whether it is refused.
TRIED = {
    "_not_in_charge_already": ((), "take_charge", {}, (("take_charge", {}),)),
    "_someone_is_in_charge": ((("take_charge", {}),), "release_charge", {}, ()),
    "_slot_lies_ahead": ((), "arrange_meeting", SLOT, {"slot": "2026-03-02T09:00"}),
    "_meeting_is_arranged": ((("arrange_meeting", SLOT),), "cancel_meeting", {"text": "改期。"}, ()),
    "_meeting_has_begun": ((), "meet", {"how": "online"}, (("arrange_meeting", SLOT),)),
    "_clue_is_undecided": ((("pass_clue", {"review": "plain"}),), "decide_filing",
                           {"filing": "not_filed"}, ()),
    "_filed_under_a_number": ((("pass_clue", {"review": "plain"}),), "decide_filing",
                              {"filing": "filed", "number": "A1"}, {"number": ""}),
    "_is_about_police": ((), "record_finding", FOUND, {"case": {"category": "noise"}}),
    "_was_found_true": ((("record_finding", FOUND),), "record_rectification", PLAN, ()),
    "_rectification_is_open": ((("record_finding", FOUND), ("record_rectification", PLAN)),
                               "end_rectification", {"text": "已整改。"},
                               (("record_finding", FOUND),)),
    "_put_right_in_time": ((("record_finding", FOUND),), "record_rectification", PLAN,
                           {"by_date": "2026-03-01"}),
}  # fmt: skip


def test_each_guard_of_leaders_has_its_examples_here():
    named = {guard.__name__ for chain in leading_guards.GUARDS.values() for guard in chain}
    assert named == set(TRIED)


@pytest.mark.parametrize("name", TRIED)
def test_each_guard_lets_through_what_is_right_and_refuses_what_is_not(cast, name):
    before, action, fields, wrong = TRIED[name]
    good = cast.make_case(State.IN_HAND, **CONDUCT)
    for step, said in before:
        cast.step(good.pk, step, **said)
    cast.step(good.pk, action, **fields)

    changed = dict(wrong) if isinstance(wrong, dict) else {}
    letter = {**CONDUCT, **changed.pop("case", {})}
    bad = cast.make_case(State.IN_HAND, **letter)
    for step, said in before if isinstance(wrong, dict) else wrong:
        cast.step(bad.pk, step, **said)
    with pytest.raises(GuardRefused) as why:
        cast.step(bad.pk, action, **{**fields, **changed})
    assert str(why.value).endswith("。")


def test_no_step_is_offered_that_a_guard_would_refuse_anyway(cast):
    case = cast.make_case(State.IN_HAND)
    after = {"supervise": "answer_supervision", "take_charge": "release_charge",
             "arrange_meeting": "cancel_meeting", "pass_clue": "decide_filing"}  # fmt: skip
    said = {
        "supervise": {"level": "red"},
        "arrange_meeting": SLOT,
        "pass_clue": {"review": "grave"},
    }
    for opens, ends in after.items():
        assert ends not in offered(cast.writer, case)
        cast.step(case.pk, opens, **said.get(opens, {}))
        assert ends in offered(cast.writer, case)
    assert "record_finding" not in offered(cast.writer, case)
    assert "take_charge" not in offered(cast.writer, case)


# -- direct reports ----------------------------------------------------------------------------


def test_direct_report_is_on_the_main_leaders_desk_until_it_is_read(client, cast, leader):
    case = cast.make_case(State.ACCEPTED)
    below = build_officer("lead_case", unit=HANDLER)
    assert not waits(leader, case)
    cast.step(case.pk, "escalate", text="涉及校园安全，请阅示。")
    assert waits(leader, case) and not waits(below, case)
    cast.step(case.pk, "dispatch", unit=HANDLER)
    by(below, case, "acknowledge")
    assert waits(leader, case)  # who stands below has not read it for the main leader
    client.force_login(leader)
    page = client.get("/desk/leading/").content.decode()
    assert "涉及校园安全，请阅示。" in page and case.letter.receipt in page
    assert client.get("/desk/counts/").json()["reports"] == "1"
    take(client, case, "acknowledge")
    assert not waits(leader, case)
    assert client.get("/desk/counts/").json()["reports"] == "0"
    assert "涉及校园安全" not in client.get("/desk/leading/").content.decode()


def test_leader_is_offered_first_what_waits_for_a_leader(client, cast, leader):
    case = cast.make_case(State.IN_HAND)
    cast.step(case.pk, "escalate", text="请阅示。")
    assert [form.row.action for form in page(client, leader, case).context["steps"]["next"]] == [
        "instruct"
    ]
    by(leader, case, "acknowledge")
    by(leader, case, "arrange_meeting", **SLOT)  # by now that was long ago
    assert [form.row.action for form in page(client, leader, case).context["steps"]["next"]] == [
        "meet"
    ]


@pytest.mark.parametrize("action", ["instruct", "take_charge"])
def test_direct_report_that_is_answered_has_been_read(cast, leader, action):
    case = cast.make_case(State.ACCEPTED)
    cast.step(case.pk, "escalate", text="请阅示。")
    by(leader, case, action, **({"text": "抓紧核查。"} if action == "instruct" else {}))
    assert leading.standing(Case.objects.get(pk=case.pk)).report is None
    assert waits(leader, case) == (action == "take_charge")


# -- charge ------------------------------------------------------------------------------------


def test_case_stays_with_the_leader_in_charge_until_it_is_closed(client, cast, leader):
    case = cast.make_case(State.RECEIVED)
    by(leader, case, "take_charge")
    for action, fields in WALKS[State.REPLIED]:
        cast.step(case.pk, action, **fields)
        assert waits(leader, case), action
    client.force_login(leader)
    assert "包案领导" in client.get(address(case)).content.decode()
    cast.step(case.pk, "close")
    assert not waits(leader, case)


def test_charge_is_handed_back_or_taken_over(cast, leader):
    case, other = cast.make_case(), build_officer("lead_case", unit="440300")
    by(leader, case, "take_charge")
    by(other, case, "take_charge")
    assert waits(other, case) and not waits(leader, case)
    by(other, case, "release_charge", text="请分管领导包案。")
    assert not waits(other, case)


def test_nothing_of_one_leader_waits_for_another(cast, leader):
    case = cast.make_case(State.IN_HAND)
    by(leader, case, "take_charge")
    by(leader, case, "arrange_meeting", **SLOT)
    assert waits(leader, case, MORNING + 3 * DAY)
    assert not waits(build_officer("lead_case", unit="440300"), case, MORNING + 3 * DAY)


# -- meetings ----------------------------------------------------------------------------------


def test_meeting_is_told_to_the_writer_with_its_link_and_keeps_the_link_out_of_the_log(cast):
    case = cast.make_case(State.IN_HAND)
    link = "https://meet.example.com/r/1?a=b"
    event = cast.step(case.pk, "arrange_meeting", **SLOT, link=link, text="请提前五分钟。")
    assert event.data == {"how": "online", "slot": "2026-03-04T15:00+08:00"}
    assert event.message.body == f"请提前五分钟。\n{link}"


def test_writer_reads_of_the_meeting_and_never_of_charge_or_direct_report(client, cast):
    letter = Sent(client, cast)
    letter.walk(State.IN_HAND)
    now = worlds.now()
    slot = (now + 2 * DAY).strftime("%Y-%m-%dT%H:%M")
    cast.step(letter.pk, "escalate", at=now, text="内部报告。")
    cast.step(letter.pk, "take_charge", at=now, text="内部说明。")
    cast.step(
        letter.pk,
        "arrange_meeting",
        at=now,
        how="online",
        slot=slot,
        link="https://m.example.com/1",
    )
    page = letter.page()
    assert "内部" not in page and "包案" not in page
    year, month, day = map(int, slot[:10].split("-"))
    assert f"约您于{year}年{month}月{day}日（星期" in page
    assert f"{slot[-5:]}会见，方式：网上视频。" in page
    assert '<a href="https://m.example.com/1" rel="noopener noreferrer">' in page
    cast.step(letter.pk, "cancel_meeting", at=now, text="改日再约，请谅解。")
    assert "改日再约，请谅解。" in letter.page()


@pytest.mark.parametrize("link", [
    "http://meet.example.com/1", "javascript:alert(1)", "https://", "meet.example.com", "https://a b",
    "https://user@example.com/", "https://例子.example/" + "x" * 300, "https://[::1", "https://x\x00y z",
])  # fmt: skip
def test_link_is_an_https_address_or_refused_at_its_field(cast, link):
    case = cast.make_case(State.IN_HAND)
    with pytest.raises(Incomplete) as why:
        cast.step(case.pk, "arrange_meeting", **SLOT, link=link)
    assert why.value.fields == ("link",)


@pytest.mark.parametrize("slot", [
    "2026-02-30T10:00", "2026-03-04", "明天下午", "2026-03-04T25:00", "0001-01-01T00:00",
    "2026-03-04T15:00+00:00", "99999-03-04T15:00",
])  # fmt: skip
def test_slot_that_is_no_time_is_refused_and_what_was_typed_is_kept(client, cast, leader, slot):
    case = cast.make_case(State.IN_HAND)
    client.force_login(leader)
    answer = take(client, case, "arrange_meeting", how="online", slot=slot, text="请准时。")
    page = answer.content.decode()
    assert answer.status_code == 409 and "请填写正确的日期或时间。" in page and "请准时。" in page
    assert Case.objects.get(pk=case.pk).seq == case.seq


def test_slot_is_read_in_full_width_digits(cast):
    case = cast.make_case(State.IN_HAND)
    event = cast.step(
        case.pk, "arrange_meeting", how="counter", slot="２０２６-０３-０４ １５：００"
    )
    assert event.data["slot"] == "2026-03-04T15:00+08:00"


def test_minutes_wait_for_the_leader_once_the_meeting_has_begun(cast, leader):
    case = cast.make_case(State.IN_HAND)
    by(leader, case, "arrange_meeting", **SLOT)
    assert not waits(leader, case, MORNING + DAY) and waits(leader, case, MORNING + 3 * DAY)
    by(leader, case, "meet", MORNING + 3 * DAY, how="online", text="听取了诉求。")
    assert not waits(leader, case, MORNING + 3 * DAY)


def test_second_click_on_a_meeting_with_a_link_is_one_step(client, cast, leader):
    case = cast.make_case(State.IN_HAND, at=worlds.now())
    client.force_login(leader)
    slot = (worlds.now() + 2 * DAY).strftime("%Y-%m-%dT%H:%M")
    typed = {
        "how": "online",
        "slot": slot,
        "link": "https://meet.example.com/1",
        "text": "请准时。",
    }
    answers = [take(client, case, "arrange_meeting", seen=case.seq, **typed) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Event.objects.filter(case=case.pk, action="arrange_meeting").count() == 1


# -- the page ----------------------------------------------------------------------------------


def test_leaders_page_looks_absent_without_the_right(client, cast):
    client.force_login(build_officer("handle_case", unit="440300"))
    assert client.get("/desk/leading/").status_code == 404


def test_leaders_page_shows_what_waits_and_nothing_that_recusal_hides(client, cast):
    accused = build_officer("lead_case", unit=HANDLER)
    case = cast.make_case(State.ACCEPTED, kind="complaint", accused_unit=HANDLER)
    cast.step(case.pk, "escalate", text="反映本单位。")
    client.force_login(accused)
    assert case.letter.receipt not in client.get("/desk/leading/").content.decode()


def test_leaders_page_takes_as_many_queries_for_one_letter_as_for_many(
    client, cast, leader, django_assert_num_queries
):
    client.force_login(leader)

    def add():
        case = cast.make_case(State.IN_HAND)
        cast.step(case.pk, "escalate", text="请阅示。")
        by(leader, case, "arrange_meeting", **SLOT)
        by(leader, cast.make_case(), "take_charge")

    add()
    client.get("/desk/leading/")
    with django_assert_num_queries(13, exact=False) as few:
        client.get("/desk/leading/")
    add()
    with django_assert_num_queries(len(few.captured_queries)):
        client.get("/desk/leading/")
