"""The tree of units and the roles of officers, as the data files give them."""

import pytest

from cases import units
from cases.transitions import PERMISSIONS

ROWS = {row["code"]: row for row in units.rows()}
ROLES = {role["code"]: set(role["permissions"]) for role in units.roles()}


def codes(level):
    return [code for code, row in ROWS.items() if row["level"] == level]


def test_province_has_its_cities_districts_and_towns():
    levels = ("department", "line", "city", "district")
    assert [len(codes(level)) for level in levels] == [1, 15, 21, 122]
    assert not [code for code in codes("district") if code[:4] in ("4419", "4420")]
    assert sum(code.startswith("441900-") for code in ROWS) == 32
    assert sum(code.startswith("442000-") for code in ROWS) == 23


@pytest.mark.parametrize(
    "code, name, name_en, level, parent, path, pinyin, is_mailbox",
    [
        ("440000", "广东省公安厅", "Guangdong Provincial Public Security Department", "department",
         None, "440000/", "guang dong sheng gong an ting", True),
        ("440000-ZA", "治安管理总队", "Public Order Corps", "line",
         "440000", "440000/440000-ZA/", "zhi an guan li zong dui", False),
        ("440100", "广州市公安局", "Guangzhou Municipal Public Security Bureau", "city",
         "440000", "440000/440100/", "guang zhou shi gong an ju", True),
        ("440106", "天河分局", "Tianhe Branch", "district",
         "440100", "440000/440100/440106/", "tian he fen ju", False),
        ("441323", "惠东县公安局", "Huidong County Public Security Bureau", "district",
         "441300", "440000/441300/441323/", "hui dong xian gong an ju", False),
        ("441900-22", "虎门分局", "Humen Branch", "station",
         "441900", "440000/441900/441900-22/", "hu men fen ju", False),
        ("440304-01", "福田中心派出所", "Futian Central Police Station", "station",
         "440304", "440000/440300/440304/440304-01/", "fu tian zhong xin pai chu suo", False),
    ],
)  # fmt: skip
def test_row_says_what_a_unit_is(
    code, name, name_en, level, parent, path, pinyin, is_mailbox
):  # fmt: skip
    assert ROWS[code] == {
        "code": code, "name": name, "name_en": name_en, "level": level, "parent": parent,
        "path": path, "pinyin": pinyin, "is_mailbox": is_mailbox,
    }  # fmt: skip


def test_every_district_has_a_station():
    parents = {ROWS[code]["parent"] for code in codes("station")}
    assert set(codes("district")) <= parents


def test_every_row_stands_after_the_units_of_its_path():
    seen = set()
    for code, row in ROWS.items():
        assert set(row["path"].rstrip("/").split("/")) <= seen | {code}
        seen.add(code)


def test_pinyin_is_one_plain_syllable_a_character():
    for row in ROWS.values():
        name = row["name"]
        assert len(row["pinyin"].split(" ")) == len(name) and row["pinyin"].isascii()


@pytest.mark.parametrize(
    "code, area",
    [("440300", "深圳市"), ("440106", "天河区"), ("440106-01", "天河区"), ("441900-22", "虎门镇"),
     ("440000-ZA", "广东省")],
)  # fmt: skip
def test_area_is_the_place_a_unit_answers_for(code, area):
    assert units.areas()[code] == area


GOOD = {"code": "440000", "name": "厅", "name_en": "Department", "pinyin": "ting"}


@pytest.mark.parametrize(
    "entries, rule",
    [
        ([GOOD, GOOD], "440000 stands twice"),
        ([{**GOOD, "name_en": ""}], "440000 lacks name_en"),
        ([{**GOOD, "code": "44-0"}], "no unit code"),
        ([{**GOOD, "code": "440304"}], "after its unit above, 440300"),
    ],
)
def test_wrong_units_are_refused_by_name(entries, rule):
    with pytest.raises(units.UnitsError, match=rule):
        units.check_units(entries)


ROLE = {**dict.fromkeys(("name", "name_en", "about", "about_en"), "x"), "code": "clerk"}


@pytest.mark.parametrize(
    "entries, rule",
    [
        ([{**ROLE, "permissions": ["fly"]}], "clerk names unknown permissions: fly"),
        ([{**ROLE, "permissions": []}], "clerk lacks permissions"),
        ([{**ROLE, "permissions": ["note_case"]}] * 2, "clerk stands twice"),
    ],
)
def test_wrong_roles_are_refused_by_name(entries, rule):
    with pytest.raises(units.UnitsError, match=rule):
        units.check_roles(entries)


def test_every_permission_is_held_by_some_role():
    assert {codename for codename, _ in PERMISSIONS} <= set().union(*ROLES.values())


def test_who_counts_plans_or_manages_sees_no_letter():
    assert ROLES["statistician"] == {"view_statistics"}
    assert ROLES["planner"] == {"view_statistics", "run_simulation"}
    assert ROLES["administrator"] == set(units.MANAGE_PERMISSIONS)


def test_no_role_reviews_what_it_handles():
    assert not [code for code, held in ROLES.items() if {"handle_case", "review_reply"} <= held]


def test_handling_units_may_not_see_who_wrote_a_report():
    assert "view_report_writer" not in ROLES["handler"] | ROLES["liaison"]
