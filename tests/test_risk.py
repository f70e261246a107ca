"""感知风险: what stands out in a week and where, with the letters behind it; and who may see it."""

from datetime import date, timedelta

import pytest

from cases import worlds
from cases.desk import periods
from cases.desk.rising import rising
from cases.statistics import CHINA
from cases.transitions import State

pytestmark = pytest.mark.django_db


def monday(weeks_ago):
    """The morning of a Monday; that of 1 begins the last week that is over."""
    this = periods.holding(periods.today(), "week").since
    day = this - timedelta(weeks=weeks_ago)
    return (
        worlds.now()
        .astimezone(CHINA)
        .replace(year=day.year, month=day.month, day=day.day, hour=9, minute=0)
    )


@pytest.fixture
def quiet_then_fraud(cast):
    """Eleven weeks of one letter about traffic each; then a week with eight about fraud."""
    for week in range(2, 13):
        cast.make_case(at=monday(week))
    cast.make_case(State.IN_HAND, at=monday(1))
    for _time in range(8):
        cast.make_case(
            State.IN_HAND, at=monday(1), category="fraud", kind="report", title="刷单返利被骗"
        )
    return cast


def opened(client, query=""):
    answer = client.get(f"/desk/risk/{query}")
    assert answer.status_code == 200
    return answer.context


def test_week_with_more_than_expected_stands_out_with_its_letters(client, quiet_then_fraud):
    client.force_login(quiet_then_fraud.writer)
    page = opened(client)
    signs = {(str(one.topic), one.place): one for one in page["signs"]}
    sign = signs["电信网络诈骗", "深圳市公安局"]
    assert sign.count == 8 and sign.band.most < 8
    assert sign.words
    assert ("电信网络诈骗", "福田分局") in signs
    for one in signs.values():
        listed = client.get(one.link).context
        assert len(listed["rows"]) == one.count
    assert ("刷单返利", 8) in sign.words or ("返利被骗", 8) in sign.words
    assert not any(topic == "交通管理" for topic, _place in signs)


def test_quiet_weeks_have_no_sign_and_say_so(client, quiet_then_fraud):
    client.force_login(quiet_then_fraud.writer)
    week = periods.holding(monday(2).date(), "week")
    assert opened(client, f"?week={week.code}")["signs"] == []
    assert "这一周没有比预期多的" in client.get(f"/desk/risk/?week={week.code}").content.decode()


def test_too_few_weeks_are_not_judged(client, cast):
    for _time in range(20):
        cast.make_case(at=monday(1))
    client.force_login(cast.writer)
    page = opened(client)
    assert not page["judged"] and page["signs"] == []
    assert "不作判断" in client.get("/desk/risk/").content.decode()


def test_table_counts_each_week_and_opens_its_letters(client, quiet_then_fraud):
    client.force_login(quiet_then_fraud.writer)
    (_what, _code, topics), (_what2, _code2, places) = opened(client)["tables"]
    rows = {str(name): cells for name, cells in topics}
    assert [count for count, _link, _out in rows["交通管理"]] == [1] * 9
    assert [out for _count, _link, out in rows["电信网络诈骗"]] == [False] * 8 + [True]
    assert [n for n, _link, _out in rows["全部业务"]] == [1] * 8 + [9]
    for name, cells in [*topics, *places]:
        for count, link, _out in cells[-2:]:
            assert len(client.get(link).context["rows"]) == count, name
    assert {str(name): cells[-1][0] for name, cells in places} == {"福田分局": 9}


def test_unit_below_is_looked_at_alone(client, quiet_then_fraud, make_officer):
    client.force_login(make_officer("view_statistics", "lead_case", unit="440000"))
    whole = opened(client)
    assert "深圳市公安局" in {one.place for one in whole["signs"]}
    part = opened(client, "?unit=440304")
    assert part["area"].unit.code == "440304"
    assert {one.place for one in part["signs"]} == {"福田分局"}


def test_statistician_sees_counts_and_neither_words_nor_letters(
    client, quiet_then_fraud, make_officer
):
    client.force_login(make_officer("view_statistics"))
    page = opened(client)
    assert page["signs"] and not any(one.words or one.link for one in page["signs"])
    assert "刷单" not in client.get("/desk/risk/").content.decode()


def test_it_needs_the_right_and_a_unit(client, cast, make_officer):
    cast.make_case(at=monday(1))
    client.force_login(make_officer("triage_case"))
    assert client.get("/desk/risk/").status_code == 404
    homeless = make_officer("view_statistics")
    homeless.unit = None
    homeless.save()
    client.force_login(homeless)
    assert opened(client)["signs"] == []


@pytest.mark.parametrize("week", ["", "nonsense", "2026-W99", "2026-03", "%00"])
def test_what_is_no_week_is_the_last_that_is_over(client, cast, week):
    client.force_login(cast.writer)
    page = opened(client, f"?week={week}")
    assert page["week"].since == monday(1).date()


def test_accused_unit_learns_nothing(client, cast, make_officer):
    for week in range(1, 12):
        cast.make_case(at=monday(week), accused_unit="440300")
    client.force_login(make_officer("view_statistics", "lead_case", unit="440300"))
    assert opened(client)["tables"] == [] or not any(
        rows for *_what, rows in opened(client)["tables"]
    )


def test_words_that_rise_are_those_of_many_letters():
    others = ["路口红绿灯坏了"] * 40 + ["夜间施工噪音"] * 40
    titles = ["夜间施工噪音扰民"] * 3 + ["电动车充电起火"] * 5 + ["王小明反映问题"]
    found = dict(rising(titles, others))
    assert set(found.values()) <= {3, 5} and 5 in found.values()
    assert any("充电" in word or "起火" in word or "电动车" in word for word in found)
    assert not any("王小明" in word for word in found)
    assert rising([], others) == [] and rising(titles, []) == []


WEEKS = [("2026-W10", date(2026, 3, 2), date(2026, 3, 8)), ("2020-W53", date(2020, 12, 28), date(2021, 1, 3))]  # fmt: skip


@pytest.mark.parametrize("code, since, until", WEEKS)
def test_weeks_begin_on_mondays(code, since, until):
    found = periods.parsed(code)
    assert (found.since, found.until, found.code) == (since, until, code)
