"""What-ifs beside their baseline, and two runs side by side."""

import pytest
from django.core.management import CommandError, call_command

from simulation import comparing, replication, scenario
from simulation.models import Study

SMALL = {"volume": "0.01x", "handlers.staff": "1"}


def values(count, **changes):
    """Return the values of some replications of a small year."""
    chosen = scenario.load("guangdong-2021", {**SMALL, **changes})
    return [
        replication.values(replication.play(chosen, seed), chosen) for seed in range(1, count + 1)
    ]


def row(rows, name):
    return next(row for row in rows if row.name == name)


@pytest.fixture(scope="module")
def base():
    return values(3)


def test_the_same_scenario_differs_in_nothing(base):
    rows = comparing.arms(base, base)
    assert {row.difference for row in rows} == {0}
    assert not any(row.sure for row in rows)
    assert len(comparing.sentences(rows)) == 1


def test_shared_random_numbers_leave_only_what_the_change_does(base):
    rows = comparing.arms(base, values(3, **{"outcomes.thanks_per_solved": "2x"}))
    assert {r.name for r in rows if r.difference} == {"thanks"}
    assert row(rows, "thanks").better is True


def test_a_change_for_the_worse_is_said(base):
    rows = comparing.arms(base, values(3, **{"work.matter.help.days": "4x"}))
    slower = row(rows, "reply_p90")
    assert slower.low < slower.difference < slower.high
    assert slower.sure and slower.better is False
    assert any(slower.label in sentence for sentence in comparing.sentences(rows))


def test_what_one_side_lacks_is_left_out(base):
    poor = [{name: v for name, v in one.items() if name != "thanks"} for one in base]
    assert "thanks" not in {r.name for r in comparing.arms(base, poor)}


@pytest.mark.parametrize(
    ("number", "kind", "signed", "says"),
    [(0.9876, "share", False, "98.8%"), (-0.01, "share", True, "-1.0 个百分点"),
     (26.04, "hours", False, "26.0 小时"), (0.5, "hours", True, "+30 分钟"),
     (0.003, "hours", True, "+0.18 分钟"), (12345.6, "letters", False, "12,346"),
     (25.04, "letters", False, "25.0"), (0.25, "letters", True, "+0.25"),
     (19.0, "count", False, "19"), (None, "count", False, "–")],
)  # fmt: skip
def test_numbers_are_written_as_what_they_are(number, kind, signed, says):
    assert comparing.text(number, kind, signed) == says


# -- the commands ------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "rule"),
    [([], "say what is changed"), (["--set", "desk.staf=3"], "near it: desk.staff"),
     (["--set", "volume=2x", "--replications", "1"], "at least 2"),
     (["none", "--set", "volume=2x"], "is no scenario"),
     (["--set", "volume=2x", "--seed", "-1"], "from 0 to"),
     (["--resume", "77"], "no unfinished what-if 77")],
)  # fmt: skip
def test_bad_arguments_of_a_what_if_are_one_line_and_leave_nothing(asked, rule):
    with pytest.raises(CommandError, match=rule) as refused:
        call_command("whatif", *asked)
    assert refused.value.returncode == 2
    assert not Study.objects.exists()


@pytest.mark.django_db
def test_comparing_with_a_run_that_is_not_there_is_refused():
    with pytest.raises(CommandError, match="no finished run 7") as refused:
        call_command("compare", "7", "8")
    assert refused.value.returncode == 2
