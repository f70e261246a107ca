"""Documents that would go stale are compared with what they tell of."""

import io
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from cases import statistics
from cases.management.commands import workflow_docs
from cases.policy import CLOCKS
from cases.transitions import SAME, STATES, TRANSITIONS
from tests.played import ANSWERED, SIGNED, Played, tally
from tests.test_books import MIXTURE

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("README*.md")])


# -- the workflow ------------------------------------------------------------------------------


def test_the_workflow_page_is_what_the_table_says():
    call_command("workflow_docs", check=True, stdout=io.StringIO())


def test_a_stale_page_is_told(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    for stale in (None, "", workflow_docs.render() + " "):
        if stale is not None:
            (tmp_path / "docs" / "workflow.md").write_text(stale, encoding="utf-8")
        with pytest.raises(CommandError, match="stale"):
            call_command("workflow_docs", check=True)
    call_command("workflow_docs", stdout=io.StringIO())
    call_command("workflow_docs", check=True)


def test_the_page_holds_every_state_step_and_arrow():
    page = workflow_docs.render()
    for state, info in STATES.items():
        assert f"| `{state}` | {info.label} | {info.citizen_label} |" in page
    for row in TRANSITIONS.values():
        (line,) = [x for x in page.splitlines() if x.startswith(f"| `{row.action}` |")]
        assert str(row.label) in line and row.why in line
        if row.target != SAME:
            arrows = [x for x in page.splitlines() if "-->" in x and str(row.label) in x]
            assert len(arrows) >= 1
    arrows = {tuple(re.findall(r"\S+", x)[:3]) for x in page.splitlines() if "-->" in x}
    assert len(arrows) == page.count("-->")


def test_the_page_is_the_same_in_every_language():
    with translation.override("en"):
        english = workflow_docs.render()
    assert english == workflow_docs.render() and "待受理" in english


# -- the glossary ------------------------------------------------------------------------------


def _rows():
    """Return the glossary's rows of three cells or more: [[word, 中文, meaning], …]."""
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[1] != "中文"]


def test_each_word_has_its_chinese_and_stands_once():
    words = [row[0] for row in _rows()]
    assert len(words) == len(set(words)) > 60
    for row in _rows():
        assert re.search("[\u4e00-\u9fff]", row[1]), row[0]
        assert row[2], row[0]


def test_each_measure_that_is_counted_is_defined():
    texts = [*MIXTURE, f"{SIGNED} incident_A rule", f"{ANSWERED} satisfied thanks banner",
             "urge yellow", f"{SIGNED} called down", "accept a_fraud dispatch sign incident_B"]  # fmt: skip
    late = {n: Played().events[0].at.replace(year=2027) for n in range(1, 9)}
    found = tally(*map(Played, texts), Played(ANSWERED, times=late))
    counted = {name for name, _day in found.daily}
    defined = {name for row in _rows() for name in re.findall(r"`(\w+)`", row[0])}
    assert counted == defined


def test_each_rate_is_defined():
    defined = GLOSSARY[GLOSSARY.index("**Rates") :]
    for name in statistics.rates({}):
        assert f"| {name.replace('_', ' ')} |" in defined


def test_other_words_for_a_case_are_not_used():
    told = "is never called a ticket, an\nappeal or an order"
    assert told in GLOSSARY
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace(told, "")
        assert not re.search(r"\b(tickets?|appeals?)\b", text, re.IGNORECASE), page.name


# -- the rest ----------------------------------------------------------------------------------


def test_the_page_of_clocks_names_each_clock():
    text = (DOCS / "clocks.md").read_text(encoding="utf-8")
    for clock in CLOCKS:
        assert re.search(rf"\b{clock}\b", text), clock


def test_decisions_are_numbered_and_say_why():
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:04d}" for n in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name
        heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences"], page.name


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_files_named_in_the_pages_exist():
    named = re.compile(r"`((?:cases|config|mailbox|simulation|docs|tests)/[\w/.-]+\.\w+)`")
    for page in PAGES:
        for path in named.findall(page.read_text(encoding="utf-8")):
            assert (ROOT / path).exists(), f"{page.name}: {path}"
