"""What would tell who somebody is does not stand in a text that others read."""

import pytest

from cases.striking import strike

WORDS = ["PA-7KQ2-M9XR-C9", "Ou@example.com", "19500000000", "11010120000229001X", ""]


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        ("欧阳小明您好", "***您好"),
        ("欧阳先生：您好", "***先生：您好"),
        ("李女士、李村", "***女士、李村"),
        ("欧阳 小明的来信pa-7kq2m9xrc9", "***的来信***"),
        ("电话195 0000-0000，", "电话***，"),
        ("号码11010120000229001x", "号码***"),
        ("ou@EXAMPLE.com", "***"),
        ("红绿灯已修好，共3处。", "红绿灯已修好，共3处。"),
    ],
)
def test_who_somebody_is_is_struck_from_a_text(text, struck):
    assert strike(text, WORDS, ["欧阳小明", "李四", ""]) == struck


def test_name_is_no_pattern_and_without_one_nothing_is_struck():
    assert strike("abc a.c", [], ["a.c"]) == "abc ***"
    assert strike("王先生", [], []) == "王先生"
