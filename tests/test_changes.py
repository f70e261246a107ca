"""Two versions of a text: what is gone, what is new, and what stayed."""

import random

import pytest

from cases.desk.changes import GONE, NEW, SAME, changes

OLD = "红绿灯已报修。预计三天内修好，请您耐心等待。"


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD, [(SAME, OLD)]),
        ("", [(GONE, OLD)]),
        (
            "红绿灯已报修。预计五天内修好，请您耐心等待。",
            [
                (SAME, "红绿灯已报修。预计"),
                (GONE, "三"),
                (NEW, "五"),
                (SAME, "天内修好，请您耐心等待。"),
            ],
        ),
        ("红绿灯已报修。", [(SAME, "红绿灯已报修。"), (GONE, "预计三天内修好，请您耐心等待。")]),
        (OLD + "谢谢！", [(SAME, OLD), (NEW, "谢谢！")]),
    ],
)
def test_pieces_of_a_change(new, expected):
    assert [(one.kind, one.text) for one in changes(OLD, new)] == expected


@pytest.mark.parametrize("seed", range(20))
def test_both_versions_can_be_read_from_the_pieces(seed):
    draw = random.Random(seed)
    old = "".join(draw.choice("红绿灯修好了。，\n请等待") for _ in range(draw.randrange(1, 300)))
    new = old[: draw.randrange(len(old))] + "新的话，" + old[draw.randrange(len(old)) :]
    pieces = changes(old, new)
    assert "".join(one.text for one in pieces if one.kind != NEW) == old
    assert "".join(one.text for one in pieces if one.kind != GONE) == new
    assert all(one.text for one in pieces)


def test_the_longest_texts_are_compared_too():
    old = "的" * 5000
    assert [one.kind for one in changes(old, "了" * 5000)] == [GONE, NEW]
