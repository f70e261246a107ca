"""A list taken away as a file: what is in it, for whom, and that it is recorded."""

import csv
import io
from datetime import timedelta

import pytest

from cases import worlds
from cases.desk import export, spreadsheets
from cases.models import Export
from cases.transitions import State
from tests.desk_page import words_address
from tests.people import MORNING, PERSON
from tests.run_worlds import make_run

pytestmark = pytest.mark.django_db
CITY, HANDLER = "440300", "440304"


def table(client, address="?scope=all"):
    """Return the rows of an exported list as dicts by their heads."""
    answer = client.post("/desk/export/", {"address": address})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert text.startswith(spreadsheets.BOM)
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_row_has_all_times_and_the_rating(client, cast):
    case = cast.make_case(State.REPLIED, at=MORNING, title="红绿灯坏了")
    cast.step(case.pk, "call_back", at=MORNING + timedelta(days=1), reached=True)
    client.force_login(cast.writer)
    (row,) = table(client)
    assert row["受理编号"] == case.letter.receipt and row["标题"] == "红绿灯坏了"
    times = ("收到", "受理", "签收", "联系来信人", "首次反馈", "答复")
    assert {row[name] for name in times} == {"2026-03-02 09:00"}
    assert (row["办结"], row["是否满意"], row["承办人"]) == ("", "", "")
    assert (row["状态"], row["信件类别"], row["业务类别"]) == ("已答复", "求助", "交通管理")
    assert (row["信箱"], row["办理单位"], row["办理结果"]) == ("深圳市公安局", "福田分局", "已办成")
    assert (row["流转次数"], row["退回次数"], row["紧急"]) == ("1", "0", "否")


def test_nothing_of_the_writer_or_the_text_is_in_it(client, cast):
    case = cast.make_case(State.IN_HAND)
    client.force_login(cast.writer)
    text = client.post("/desk/export/", {"address": "?scope=all"}).content.decode()
    for told in (*PERSON.values(), case.letter.body, case.letter.place):
        assert told not in text
    assert not any("writer" in column.field for column in export._columns())


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠\t"))
def test_title_is_never_a_formula(client, cast, sign):
    cast.make_case(title=f"{sign}HYPERLINK(1)来信")
    client.force_login(cast.writer)
    (row,) = table(client)
    assert not row["标题"].startswith(sign)


def test_list_is_exported_as_it_is_shown(client, cast, monkeypatch):
    now = worlds.now()
    cases = [cast.make_case(at=now - timedelta(hours=h)) for h in (1, 3, 2)]
    closed = cast.make_case(State.CLOSED)
    monkeypatch.setattr("cases.desk.pages.page_of.__defaults__", (2,))
    client.force_login(cast.writer)
    receipts = lambda address: [row["受理编号"] for row in table(client, address)]  # noqa: E731
    late_first = [cases[n].letter.receipt for n in (1, 2, 0)]
    assert receipts("?scope=waiting&state=received") == late_first
    assert receipts("?scope=all&state=closed") == [closed.letter.receipt]
    assert len(receipts("?scope=all")) == 4
    assert receipts(words_address(client, "没有的词")) == receipts("?scope=all&words=0") == []


def test_export_is_recorded_without_the_words_that_were_searched(client, cast):
    cast.make_case()
    client.force_login(cast.writer)
    table(client, words_address(client, "小区", state="open"))
    record = Export.objects.get()
    assert (record.user, record.rows) == (cast.writer, 1)
    assert record.filters == "?scope=all&state=open&words=%2A" and "小区" not in record.filters
    page = client.get("/desk/exports/").content.decode()
    assert "全部可见 · 未了结 · *" in page and str(cast.writer) in page


def test_records_are_for_auditors_of_that_unit_or_above(client, cast, make_officer):
    client.force_login(cast.writer)
    table(client)
    for unit, listed in (("440000", 1), (CITY, 1), ("440100", 0), (HANDLER, 0)):
        client.force_login(make_officer("view_audit", unit=unit))
        assert len(client.get("/desk/exports/").context["rows"]) == listed
    client.force_login(make_officer("triage_case", unit=CITY))
    assert client.get("/desk/exports/").status_code == 404


def test_exporting_needs_the_right_and_changes_nothing_by_looking(client, cast, make_officer):
    cast.make_case()
    client.force_login(make_officer("triage_case", unit=CITY))
    assert client.post("/desk/export/", {"address": "?scope=all"}).status_code == 404
    assert "导出全部" not in client.get("/desk/?scope=all").content.decode()
    client.force_login(cast.writer)
    assert client.get("/desk/export/").status_code == 405
    assert "导出全部" in client.get("/desk/?scope=all").content.decode()
    assert not Export.objects.exists()


def test_only_what_the_officer_sees_is_exported(client, cast, make_officer):
    cast.make_case(State.IN_HAND)
    cast.make_case(State.IN_HAND, accused_unit="440305")
    client.force_login(make_officer("handle_case", "view_statistics", unit="440305"))
    assert table(client) == []
    client.force_login(make_officer("view_statistics", unit=CITY))  # reads no letters
    assert table(client) == []


def test_list_that_is_too_long_is_refused_in_words(client, cast, monkeypatch):
    monkeypatch.setattr(export, "LIMIT", 1)
    cast.make_case()
    client.force_login(cast.writer)
    assert len(table(client)) == 1
    cast.make_case()
    answer = client.post("/desk/export/", {"address": "?scope=all"}, follow=True)
    assert "超过1件" in answer.content.decode() and Export.objects.count() == 1


LONG = "局" * 12  # three times as long in an address, of which so much is kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "?\0=1&scope=\0",
        "?scope=all&month=2021-99",
        f"?unit={LONG}&area={LONG}&scope=all&since=2026-01-01&until=2026-01-01&came_from=2026-01-01&came_to=2026-01-01",
    ],
)
def test_odd_addresses_are_lists_too(client, cast, address):
    client.force_login(cast.writer)
    assert table(client, address) == []


def test_records_of_a_run_stay_in_the_run(client, make_officer):
    make_run(1, letters=2)
    rights = ("triage_case", "run_simulation", "view_statistics", "view_audit")
    client.force_login(make_officer(*rights, unit=CITY))
    client.post("/desk/world/enter/", {"schema": "run_1"})
    assert len(table(client)) == 2
    assert len(client.get("/desk/exports/").context["rows"]) == 1
    assert not Export.objects.exists()
