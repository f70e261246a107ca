"""Putting off a reply: asked for by the unit, granted or refused by a leader, and what it moves."""

from datetime import timedelta

import pytest

from cases import actors, clocks, extensions, guards, policy, worlds
from cases.desk import waiting
from cases.inputs import Said
from cases.models import Case
from cases.refusals import GuardRefused
from cases.transitions import State
from cases.workflow import perform
from tests.citizens import Sent
from tests.desk_page import HANDLER, offered, page, take
from tests.people import MORNING, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
DAY = timedelta(days=1)
NOW = worlds.now()  # of this run of the tests: pages read the wall clock
REASON = "需要等鉴定结论。"


@pytest.fixture
def handler(cast):
    return build_officer("handle_case", unit=HANDLER)


@pytest.fixture
def leader(cast):
    return build_officer("lead_case", unit="440300")


@pytest.fixture
def case(cast):
    case = cast.make_case(State.IN_HAND, at=NOW)
    cast.step(case.pk, "request_extension", at=NOW, days=5, text=REASON)
    return Case.objects.get(pk=case.pk)


def waits(user, case):
    return waiting.waiting_for(user, NOW).filter(pk=case.pk).exists()


def test_asking_changes_no_limit_and_waits_for_leaders_of_the_mailbox(cast, case, leader, handler):
    assert case.state == State.IN_HAND and case.extended_days == 0
    assert case.reply_due_at == NOW + 20 * DAY
    elsewhere = build_officer("lead_case", unit="440100")
    own = build_officer("lead_case", unit=HANDLER)
    assert [waits(user, case) for user in (leader, own, elsewhere)] == [True, True, False]


def test_the_leader_finds_both_answers_open_with_the_days_that_were_asked_for(client, case, leader):
    answer = page(client, leader, case)
    assert offered(answer)[:2] == ["extend", "refuse_extension"]
    assert [form.row.action for form in answer.context["steps"]["next"]] == offered(answer)[:2]
    text = answer.content.decode()
    assert "申请延期5天，等领导审批" in text and REASON in text
    (extend,) = (f for f in answer.context["steps"]["next"] if f.row.action == "extend")
    assert extend.initial["days"] == 5


def test_granting_moves_the_reply_and_ends_the_wait(client, case, leader):
    client.force_login(leader)
    assert take(client, case, "extend", days="5", text="经批准延期。").status_code == 302
    case.refresh_from_db()
    assert case.reply_due_at == NOW + 25 * DAY and case.legal_due_at == NOW + 60 * DAY
    assert not waits(leader, case) and extensions.asked(case) is None


def test_the_leaders_page_counts_the_requests_and_takes_both_answers(
    cast, client, case, leader, handler
):
    other = cast.make_case(State.IN_HAND, at=NOW)
    cast.step(other.pk, "request_extension", at=NOW, days=3, text="等当事人回国。")
    client.force_login(leader)
    answer = client.get("/desk/leading/")
    assert [item.case.pk for item in answer.context["requests"]] == [case.pk, other.pk]
    text = answer.content.decode()
    assert '延期申请，等您审批 <span class="count">2</span>' in text
    assert "申请延期5天" in text and REASON in text and 'value="5"' in text
    assert client.get("/desk/counts/").json()["reports"] == "2"
    here = {"from": "leading"}
    assert take(client, case, "extend", days="5", text="经批准。", **here).url == "/desk/leading/"
    refused = take(client, other, "refuse_extension", text="", **here)
    assert refused.status_code == 409 and "请填写" in refused.content.decode()
    take(client, other, "refuse_extension", text="期限内可以办完。", **here)
    assert client.get("/desk/leading/").context["requests"] == []
    client.force_login(handler)
    assert client.get("/desk/leading/").status_code == 404


def test_refusing_leaves_the_limit_and_may_be_asked_again(cast, client, case, leader, handler):
    client.force_login(leader)
    assert (
        take(client, case, "refuse_extension", text="可以先答复已查明的部分。").status_code == 302
    )
    case.refresh_from_db()
    assert case.reply_due_at == NOW + 20 * DAY and not waits(leader, case)
    shown = page(client, handler, case)
    assert "可以先答复已查明的部分" in shown.content.decode()
    assert "request_extension" in offered(shown)
    cast.step(case.pk, "request_extension", at=NOW, days=3, text=REASON)
    assert waits(leader, case)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("forward_down", {"unit": "440304-01"}),
        ("return_to_desk", {"return_reason": "unclear", "text": "内容不清。"}),
        ("propose_reply", {"text": "已办好。"}),
    ],
)
def test_a_case_that_has_gone_on_waits_for_no_leader(cast, case, leader, action, fields):
    cast.step(case.pk, "record_result", at=NOW, result="done")
    cast.step(case.pk, action, at=NOW, **fields)
    case.refresh_from_db()
    assert extensions.asked(case) is None and not waits(leader, case)
    if action == "propose_reply":
        cast.step(case.pk, "send_back_reply", at=NOW, text="请改。")
        case.refresh_from_db()
        assert extensions.asked(case) is None and not waits(leader, case)


def test_a_question_to_the_writer_does_not_end_the_request(cast, case, leader):
    cast.step(case.pk, "ask_citizen", at=NOW, text="请说明路口。")
    assert not waits(leader, case)
    at = NOW + 16 * DAY
    perform(case.pk, "lapse", actor=actors.system(), at=at)
    assert waits(leader, case)


def test_handlers_do_not_grant_and_leaders_without_the_unit_do_not_ask(
    client, case, leader, handler
):
    assert not {"extend", "refuse_extension"} & set(offered(page(client, handler, case)))
    assert "request_extension" not in offered(page(client, leader, case))


@pytest.mark.parametrize("days", ["0", "11", "x", "", "３１"])
def test_odd_days_are_refused_and_what_was_typed_stays(client, cast, handler, days):
    case = cast.make_case(State.IN_HAND, at=NOW)
    client.force_login(handler)
    answer = take(client, case, "request_extension", days=days, text=REASON)
    assert answer.status_code == 409 and REASON in answer.content.decode()


def test_the_writer_reads_nothing_of_the_request(client, cast):
    letter = Sent(client, cast).walk(State.IN_HAND)
    cast.step(letter.pk, "request_extension", at=letter.case.updated_at, days=5, text=REASON)
    cast.step(letter.pk, "refuse_extension", at=letter.case.updated_at, text="不同意，抓紧办。")
    shown = letter.page()
    assert REASON not in shown and "不同意" not in shown and "申请延期" not in shown


def test_a_redone_reply_is_put_off_from_its_own_limit(cast):
    case = cast.make_case(State.REPLIED)
    cast.step(case.pk, "reopen", text="还没有修好。")
    case.refresh_from_db()
    assert case.reply_due_at == MORNING + 10 * DAY
    cast.step(case.pk, "extend", days=5, text="需要鉴定。")
    case.refresh_from_db()
    assert case.reply_due_at == MORNING + 15 * DAY


@pytest.mark.parametrize(
    ("reply", "days", "reply_becomes", "legal_becomes"),
    [
        ("20d", 10, 30, 60),
        ("55d", 5, 60, 60),
        ("55d", 10, 65, 65),
        ("60d", 30, 90, 90),
        ("60d", 45, 105, 90),
    ],
)
def test_the_legal_limit_gives_way_only_to_a_reply_put_off_beyond_it(
    tmp_path, reply, days, reply_becomes, legal_becomes
):
    file = tmp_path / "policy.toml"
    given = policy.DEFAULT_PATH.read_text(encoding="utf-8")
    file.write_text(given.replace('reply = "20d"', f'reply = "{reply}"'), encoding="utf-8")
    dues = clocks.dues(policy.load(file), "city", "help", MORNING, extra_days=days)
    assert dues["reply_due_at"] == MORNING + reply_becomes * DAY
    assert dues["legal_due_at"] == MORNING + legal_becomes * DAY


def test_a_request_is_judged_as_the_extension_itself(cast):
    case = cast.make_case(State.IN_HAND)
    for action, fields in (
        ("request_extension", {"days": 11, "text": REASON}),
        ("refuse_extension", {"text": "没有申请过。"}),
    ):
        with pytest.raises(GuardRefused):
            cast.step(case.pk, action, **fields)
    cast.step(case.pk, "request_extension", days=3, text=REASON)
    cast.step(case.pk, "refuse_extension", text="请抓紧。")
    with pytest.raises(GuardRefused):
        cast.step(case.pk, "refuse_extension", text="没有再申请。")


@pytest.mark.parametrize(("days", "fits"), [(30, True), (29, True), (31, False)])
def test_no_reply_is_put_off_beyond_what_the_law_allows(cast, days, fits):
    case, said = cast.make_case(State.IN_HAND), Said(data={"days": days})
    case.reply_due_at = case.legal_due_at
    if fits:
        guards._extend_within_the_law(case, None, said, MORNING)
    else:
        with pytest.raises(GuardRefused):
            guards._extend_within_the_law(case, None, said, MORNING)
