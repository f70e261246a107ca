"""Complaints about police: the finding, what is put right by when, and the rule that came of it."""

from datetime import timedelta

import pytest

from cases.transitions import State
from tests.desk_page import HANDLER, take
from tests.people import MORNING, build_officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_log")]
DAY = timedelta(days=1)


def complaint(cast, state=State.IN_HAND, **more):
    return cast.make_case(state, kind="complaint", category="conduct", **more)


def listed(client, user, query=""):
    client.force_login(user)
    rows = client.get(f"/desk/inspection/{query}").context["rows"]
    return [[cell for _head, cell in row] for row in rows]


def texts(row):
    return [cell.text for cell in row]


def test_complaint_goes_from_finding_to_rule(client, cast):
    case = complaint(cast)
    cast.make_case(State.IN_HAND)  # about no police: not listed
    assert texts(listed(client, cast.writer)[0])[2] == "未认定"
    cast.step(case.pk, "record_finding", finding="partly", text="态度生硬属实。")
    found, right = listed(client, cast.writer)[0][2:4]
    assert (found.text, found.words) == ("部分属实", "态度生硬属实。")
    assert (right.text, right.late) == ("还没有整改措施", True)
    cast.step(case.pk, "record_rectification", by_date="2026-03-09", text="全员培训。")
    assert listed(client, cast.writer)[0][3].late  # by now the day has passed
    assert len(listed(client, cast.writer, "?choice=open")) == 1
    cast.step(case.pk, "end_rectification", at=MORNING + DAY, text="已培训。")
    cast.step(case.pk, "record_rule", number="深公〔2026〕3号", title="窗口服务规范")
    row = listed(client, cast.writer)[0]
    assert (row[3].text, row[3].words) == ("已于2026-03-03完成", "已培训。")
    assert row[4].text == "深公〔2026〕3号《窗口服务规范》"
    assert listed(client, cast.writer, "?choice=open") == []


@pytest.mark.parametrize("finding", ["true", "partly", "false"])
def test_choice_lists_the_last_finding(client, cast, finding):
    case = complaint(cast)
    cast.step(case.pk, "record_finding", finding="false", text="初查不实。")
    cast.step(case.pk, "record_finding", finding=finding, text="复查。")
    for choice in ("true", "partly", "false", "none"):
        assert len(listed(client, cast.writer, f"?choice={choice}")) == (choice == finding)


def test_accused_unit_sees_nothing_of_it(client, cast):
    complaint(cast, State.ACCEPTED, accused_unit=HANDLER)
    accused = build_officer("handle_case", "review_reply", unit=HANDLER)
    assert listed(client, accused) == []
    assert len(listed(client, cast.writer)) == 1


@pytest.mark.parametrize("by_date", ["2020-01-01", "明天", "2026-02-30"])
def test_day_that_is_none_is_refused_at_its_field(client, cast, by_date):
    case = complaint(cast)
    cast.step(case.pk, "record_finding", finding="true", text="属实。")
    client.force_login(cast.writer)
    answer = take(client, case, "record_rectification", by_date=by_date, text="全员培训。")
    assert answer.status_code == 409 and "全员培训。" in answer.content.decode()


def test_handler_makes_no_finding(client, cast):
    case = complaint(cast)
    client.force_login(build_officer("handle_case", unit=HANDLER))
    assert take(client, case, "record_finding", finding="false", text="不实。").status_code == 409
