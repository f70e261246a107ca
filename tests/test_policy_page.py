"""The policy in words: what the page says is what the program counts."""

import pytest

from cases import policy
from cases.calendars import Length
from cases.desk import policy_words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10m", "10分钟"), ("8h", "8小时"), ("15d", "15天"), ("30wm", "30分钟工作时间"),
        ("4wh", "4小时工作时间"), ("5wd", "5个工作日"),
    ],
)  # fmt: skip
def test_lengths_are_said_in_words(text, words):
    assert policy_words.in_words(Length.parse(text)) == words


def test_page_says_each_promise_of_each_level_and_kind(client, make_officer):
    client.force_login(make_officer("handle_case"))
    answer = client.get("/desk/policy/")
    loaded, text = policy.load(), answer.content.decode()
    assert "局长信箱" in text and "08:30–12:00、14:00–17:30" in text and "1个工作日" in text
    levels = dict(zip(policy.LEVELS, answer.context["levels"], strict=True))
    for level, (_name, heads, rows) in levels.items():
        consult = next(n for n, head in enumerate(heads) if "咨询" in head.split("、"))
        shown = dict(
            zip(policy.CLOCKS, (lengths[consult] for _clock, lengths in rows), strict=True)
        )
        assert shown == {
            clock: policy_words.in_words(loaded.length(level, "consult", clock))
            for clock in policy.CLOCKS
        }
        assert len([kind for head in heads for kind in head.split("、")]) == len(policy.KIND_CODES)
