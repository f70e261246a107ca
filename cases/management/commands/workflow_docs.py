"""Write docs/workflow.md and docs/rights.md from their tables, so that they cannot differ."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from cases.desk import rights_docs
from cases.fields import FIELDS
from cases.transitions import RESUME, SAME, START, STATES, TRANSITIONS

WAITS = {"office": "the office 单位", "citizen": "the writer 来信人", "nobody": "nobody"}
HEAD = """# The workflow

Written by `manage.py workflow_docs` from `cases/transitions.py`; edit that, not this.

A letter has one case, and a case is always in one state. Each step is a row below, taken by
`perform` (`cases/workflow.py`) and kept as one event. Rules that go beyond a row stand in
`cases/guards.py`. What the words mean: [glossary.md](glossary.md); how long each promise is:
[clocks.md](clocks.md).
"""


class Command(BaseCommand):
    help = "Write docs/workflow.md from the table of steps, and docs/rights.md from that of rights."

    def add_arguments(self, parser):
        """Write, or only compare."""
        parser.add_argument("--check", action="store_true", help="exit 1 if one is stale")

    def handle(self, *, check, **options):
        """Write the pages; with --check, say whether they are what would be written."""
        for name, page in (("workflow", render()), ("rights", rights_docs.render())):
            path = Path(settings.BASE_DIR) / "docs" / f"{name}.md"
            if not check:
                path.write_text(page, encoding="utf-8")
                self.stdout.write(f"docs/{name}.md written")
            elif not path.exists() or path.read_text(encoding="utf-8") != page:
                raise CommandError(f"docs/{name}.md is stale: run manage.py workflow_docs")


def render():
    """Return the page, in Markdown; labels are the Chinese ones."""
    with translation.override("zh-hans"):
        parts = [HEAD, _states(), _diagram(), _transitions()]
    return "\n".join(parts)


def _states():
    lines = ["## States", "", "| state | officers read | the writer reads | waits for |", _rule(4)]
    for state, info in STATES.items():
        lines.append(_row(f"`{state}`", info.label, info.citizen_label, WAITS[info.waits_for]))
    return "\n".join([*lines, ""])


def _diagram():
    """Return the state diagram: one arrow a pair of states, steps that stay in a state left out."""
    arrows = {}
    for row in TRANSITIONS.values():
        for source in row.sources:
            if row.target != SAME:
                arrows.setdefault((source, row.target), []).append(str(row.label))
    lines = ["## Diagram", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {state}: {info.label} {state}" for state, info in STATES.items()]
    lines.append("    back: 原状态 back to where it was")
    names = {START: "[*]", RESUME: "back"}
    for (source, target), labels in arrows.items():
        ends = (names.get(end, str(end)) for end in (source, target))
        lines.append(f"    {' --> '.join(ends)}: {'、'.join(labels)}")
    return "\n".join([*lines, "```", ""])


def _transitions():
    head = ("action", "label", "from", "to", "by", "right", "says", "clock", "why")
    lines = ["## Steps", "", _row(*head), _rule(len(head))]
    for row in TRANSITIONS.values():
        lines.append(
            _row(
                f"`{row.action}`",
                row.label,
                _sources(row.sources),
                {SAME: "stays", RESUME: "where it was"}.get(row.target, row.target),
                ", ".join(row.roles),
                row.permission,
                _said(row),
                row.clock,
                row.why,
            )
        )
    lines += ["", "Fields in brackets may be left out. * The writer may read the text.", ""]
    return "\n".join(lines)


def _sources(sources):
    if set(sources) == set(STATES):
        return "any"
    return ", ".join(str(source) or "(start)" for source in sources)


def _said(row):
    names = [str(FIELDS[name].label) for name in row.requires]
    names += [f"[{FIELDS[name].label}]" for name in row.allows]
    return "、".join(names) + (" *" if row.public else "")


def _row(*cells):
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _rule(columns):
    return "|" + "---|" * columns
