"""月通报: a month beside the month before, its sentences, its units, and its late cases by number."""

import csv
import io
from datetime import timedelta

import pytest

from cases import actors, worlds
from cases.calendars import SHANGHAI
from cases.desk import bulletin_words, periods
from cases.models import Case
from cases.transitions import State
from cases.workflow import perform
from tests.people import MORNING

pytestmark = pytest.mark.django_db
FEBRUARY = MORNING - timedelta(days=25)


@pytest.fixture
def two_months(cast):
    """Two letters of February; in March seven, of which one was answered late."""
    for _time in range(2):
        cast.make_case(State.DECLINED, at=FEBRUARY)
    for state in (State.RECEIVED, State.IN_HAND, State.CLOSED, State.CLOSED):
        cast.make_case(state)
    late = cast.make_case(State.IN_REVIEW)
    cast.step(late.pk, "approve_reply", at=MORNING + timedelta(days=25))
    carded = cast.make_case(State.IN_HAND)
    cast.step(carded.pk, "supervise", level="yellow")
    cast.step(carded.pk, "answer_supervision", text="正在办理。")
    cast.make_case(kind="consult")
    cast.late = late
    return cast


def opened(client, month="2026-03", query=""):
    answer = client.get(f"/desk/bulletin/{month}/{query}")
    assert answer.status_code == 200
    return answer.context


def test_month_stands_beside_the_month_before(client, two_months):
    client.force_login(two_months.writer)
    page = opened(client)
    lines = {str(label): (now, was, change) for label, now, _link, was, change in page["lines"]}
    assert lines["收到"] == (7, 2, "+5")
    assert lines["不予受理"] == (0, 2, "-2")
    assert lines["答复"] == (3, 0, "+3")
    assert lines["黄牌"] == lines["督办回复"] == (1, 0, "+1")
    assert lines["逾期答复"] == (1, 0, "+1")
    assert lines["月末未了结"] == (4, 0, "+4")


def test_every_link_opens_just_as_many(client, two_months):
    client.force_login(two_months.writer)
    page = opened(client)
    linked = [(now, link) for _label, now, link, *_rest in page["lines"] if now]
    linked += [cell for row in page["rows"] for cell in row["cells"] if cell[1]]
    assert len(linked) > 15
    for number, link in linked:
        assert client.get(link).context["behind"]["figure"] == number, link


def test_units_by_pinyin_add_up_to_their_sum(client, two_months):
    client.force_login(two_months.writer)
    *units, whole = opened(client)["rows"]
    assert [row["name"] for row in units] == ["福田分局", "深圳市公安局本级"]
    for place, (text, _link) in enumerate(whole["cells"]):
        if isinstance(text, int):
            assert sum(row["cells"][place][0] for row in units) == text


def test_late_cases_are_listed_by_number_and_nothing_else(client, two_months):
    client.force_login(two_months.writer)
    march = {one.receipt: one for one in opened(client)["late"]}
    replied = march[two_months.late.letter.receipt]
    assert (replied.unit, replied.replied_at) == ("福田分局", MORNING + timedelta(days=25))
    waiting = Case.objects.filter(state__in=("received", "in_hand"))
    assert set(march) == {
        replied.receipt, *waiting.values_list("letter__receipt", flat=True)
    }  # fmt: skip
    text = client.get("/desk/bulletin/2026-03/").content.decode()
    assert replied.receipt in text and "红绿灯" not in text


def test_case_late_at_the_end_of_a_month_stays_in_its_bulletin(client, cast):
    case = cast.make_case(State.IN_REVIEW)
    cast.step(case.pk, "approve_reply", at=MORNING + timedelta(days=45))
    client.force_login(cast.writer)
    for month in ("2026-03", "2026-04"):
        (one,) = opened(client, month)["late"]
        assert one.receipt == case.letter.receipt
    assert opened(client, "2026-05")["late"] == []


def test_case_that_is_due_later_this_month_is_not_late(client, cast):
    client.force_login(cast.writer)
    case = cast.make_case(State.IN_HAND, kind="consult", at=worlds.now())
    case.refresh_from_db()
    assert case.reply_due_at > worlds.now()
    assert opened(client, f"{worlds.now().astimezone(SHANGHAI):%Y-%m}")["late"] == []


def test_sentences_are_written_by_the_figures(client, two_months):
    client.force_login(two_months.writer)
    told = dict(opened(client)["told"])
    assert "2026年3月收到来信 7 件，比上月多 5 件" in told["来信与办理"]
    assert "月末未了结 4 件" in told["来信与办理"]
    assert "按时答复因件数太少不计" in told["时限"] and "逾期答复 1 件" in told["时限"]
    assert "黄牌 1 张，红牌 0 张，督办回复 1 次" in told["督办"]


CHANGES = [
    ({"received": 5}, {"received": 5}, "与上月持平"),
    ({"received": 90}, {"received": 100}, "比上月少 10 件（10.0%）"),
    ({"received": 1500}, {"received": 1000}, "比上月多 500 件（50.0%）"),
    ({"received": 9}, {"received": 3}, "比上月多 6 件"),
]


@pytest.mark.parametrize("counts, before, expected", CHANGES)
def test_change_is_said_as_a_share_where_it_means_something(counts, before, expected):
    month = periods.parsed("2026-03")
    sentence = bulletin_words.told(month, counts, before)[0][1]
    assert f"件，{expected}；" in sentence


def test_shares_of_enough_letters_are_said_with_those_before():
    counts, before = {"reply_kept": 95, "reply_late": 5}, {"reply_kept": 90, "reply_late": 10}
    sentence = bulletin_words.told(periods.parsed("2026-03"), counts, before)[1][1]
    assert "按时答复95.0%（上月90.0%）" in sentence


def test_file_has_the_same_figures_and_opens_in_a_spreadsheet(client, two_months):
    client.force_login(two_months.writer)
    answer = client.get("/desk/bulletin/2026-03/figures.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="bulletin-2026-03.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["月份", "单位", "收到"] and len(rows) == 4
    assert rows[-1][:3] == ["2026-03", "合计", "7"]
    assert all(len(row) == len(rows[0]) for row in rows)


def test_unit_below_has_a_bulletin_of_its_own(client, two_months, make_officer):
    client.force_login(make_officer("view_statistics", "lead_case", unit="440000"))
    lines = {str(row[0]): row[1] for row in opened(client, query="?unit=440304")["lines"]}
    assert lines["收到"] == 5
    assert opened(client, query="?unit=440304")["area"].unit.code == "440304"


def test_statistician_gets_figures_and_no_number_of_a_letter(client, two_months, make_officer):
    client.force_login(make_officer("view_statistics"))
    page = opened(client)
    assert page["late"] == [] and not page["reads"]
    assert (
        two_months.late.letter.receipt not in client.get("/desk/bulletin/2026-03/").content.decode()
    )


@pytest.mark.parametrize(
    "month", ["2026", "2026-13", "nonsense", "2199-01", "2026-W10", "%00", "all"]
)
def test_only_months_that_have_begun_have_one(client, cast, month):
    client.force_login(cast.writer)
    for place in ("", "figures.csv"):
        assert client.get(f"/desk/bulletin/{month}/{place}").status_code == 404


def test_it_leads_to_the_last_month_that_is_over(client, cast, make_officer):
    client.force_login(cast.writer)
    last = periods.holding(periods.today(), "month").before
    assert client.get("/desk/bulletin/").url == f"/desk/bulletin/{last.code}/"
    client.force_login(make_officer("triage_case"))
    for place in ("", "2026-03/", "2026-03/figures.csv"):
        assert client.get(f"/desk/bulletin/{place}").status_code == 404


def test_letter_that_accuses_the_unit_is_not_in_its_bulletin(client, cast, make_officer):
    case = cast.make_case(accused_unit="440304")
    perform(case.pk, "accept", actor=actors.officer(cast.writer), at=MORNING)
    client.force_login(make_officer("view_statistics", "handle_case", unit="440304"))
    page = opened(client)
    assert page["rows"] == [] and page["late"] == []
