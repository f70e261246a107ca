"""The policy file: what it gives, and how a broken one is refused."""

import pytest

from cases import policy
from cases.policy import DEFAULT_PATH, PolicyError
from cases.transitions import TRANSITIONS

GOOD = DEFAULT_PATH.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("level", "kind", "clock", "expected"),
    [
        ("city", "help", "accept", "10m"),
        ("city", "help", "contact", "30m"),
        ("city", "help", "feedback", "4d"),
        ("city", "help", "reply", "20d"),
        ("city", "consult", "reply", "2d"),
        ("city", "consult", "sign", "20m"),  # from the default of its level
        ("department", "report", "sign", "30m"),
        ("department", "help", "objection", "5wd"),
        ("city", "complaint", "legal", "60d"),
        ("city", "complaint", "legal_extension", "30d"),
        ("city", "praise", "legal", None),
    ],
)
def test_the_policy_gives_the_length_in_the_table(level, kind, clock, expected):
    length = policy.load().length(level, kind, clock)
    assert length == (expected and policy.Length.parse(expected))


def test_every_clock_of_the_workflow_has_a_length():
    for row in TRANSITIONS.values():
        if row.clock:
            assert policy.load().length("city", "help", row.clock), row.action


def test_every_level_and_kind_has_every_clock():
    combinations = {
        (level, kind, clock)
        for level in policy.LEVELS
        for kind in policy.KIND_CODES
        for clock in policy.CLOCKS
    }
    assert set(policy.load().lengths) == combinations


def test_petitions_are_registered_within_the_days_of_the_law():
    fifteen_days = policy.Length.parse("15d")
    for level in policy.LEVELS:
        for kind in ("help", "complaint"):
            assert policy.load().length(level, kind, "accept").size <= fifteen_days.size


@pytest.mark.parametrize(
    "asked", [("city", "help", "nap"), ("city", "poem", "sign"), ("village", "help", "sign")]
)
def test_an_unknown_clock_kind_or_level_is_refused(asked):
    with pytest.raises(PolicyError, match=r"\.".join(asked)):
        policy.load().length(*asked)


@pytest.mark.parametrize(
    ("old", "new", "key", "rule"),
    [
        ('feedback = "4d"', 'feedback = "4 days"', "city.default.feedback", "is no length"),
        ('feedback = "4d"', "feedback = 4", "city.default.feedback", "is no length"),
        ('feedback = "4d"', 'feedback = "0d"', "city.default.feedback", "is no length"),
        ('feedback = "4d"', "", "city.default.feedback", "is missing"),
        ('feedback = "4d"', 'feedbak = "4d"', "city.default.feedbak", "unknown"),
        ("[city.consult]", "[city.poem]", "city.poem", "unknown"),
        ("[city.default]", "[city.other]", "city.default", "is missing"),
        ("[city.default]", "[village.default]", "village", "unknown"),
        ("[city.default]", "[city]", "city.accept", "unknown"),
        ("yellow_share = 0.25", "yellow_share = 25", "colour.yellow_share", "between 0 and 1"),
        ("yellow_share = 0.25", "yellow_share = true", "colour.yellow_share", "between 0 and 1"),
        ("[colour]", "[color]", "color", "unknown"),
        ("limit = 3", "limit = 0", "returns.limit", "1 or more"),
        ('red_after = "5wd"', "", "pressing.red_after", "is missing"),
        ('red_after = "5wd"', 'red_after = "-5wd"', "pressing.red_after", "is no length"),
        ("14:00-17:30", "11:00-17:30", "working_time.blocks", "overlaps"),
        ("14:00-17:30", "17:30-14:00", "working_time.blocks", "must end after"),
        ("14:00-17:30", "14:00-25:00", "working_time.blocks", "24:00 at the latest"),
        ("14:00-17:30", "2 pm to 5 pm", "working_time.blocks", "must be written"),
        ('["08:30-12:00", "14:00-17:30"]', "[]", "working_time.blocks", "must be a list"),
        ('["help", "complaint"]', '["help", "poem"]', "legal.kinds", "is no kind"),
        ('["help", "complaint"]', '"help"', "legal.kinds", "must be a list"),
        ("[legal]", "[legal", "", "is not TOML"),
    ],
)
def test_a_broken_file_is_refused_naming_file_key_and_rule(tmp_path, old, new, key, rule):
    assert old in GOOD
    path = tmp_path / "broken.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        policy.load(path)
    line = str(caught.value)
    assert caught.value.key == key
    assert line.startswith(str(path))
    assert rule in line
    assert "\n" not in line


def test_a_missing_file_is_refused_in_one_line(tmp_path):
    path = tmp_path / "none.toml"
    with pytest.raises(PolicyError, match="cannot be read") as caught:
        policy.load(path)
    assert str(path) in str(caught.value)


def test_the_default_is_read_once():
    assert policy.load() is policy.load()
