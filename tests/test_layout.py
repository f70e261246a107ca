"""The shape of the code: who may import whom, and who alone may do what. Crude and never stale."""

import ast
import json
import re
import statistics
from functools import cache
from pathlib import Path

import pytest

from cases import units

ROOT = Path(__file__).resolve().parent.parent
TOWER = ("config", "simulation", "mailbox", "cases")  # each may import what stands to its right
DATA = ("py", "toml", "json", "html")

# Who alone may do a thing; everything else in the product may not.
CLOCK = {"cases/worlds.py"}
SEARCH_PATH = {"cases/worlds.py", "config/settings.py"}
# simulation's write rows of runs and studies in public, and load shards; no domain step.
TRANSACTIONS = {
    "config/backing_up.py",  # to read one snapshot
    "cases/anchors.py",  # to hold a lock for a moment; it writes no letter
    "cases/second_factor.py",  # to hold an officer's row; it writes no letter
    "cases/workflow.py",
    "cases/intake.py",
    "cases/worlds.py",
    "config/bench/floor.py",  # of a bench
    "simulation/claims.py",
    "simulation/practice.py",
    "simulation/runs.py",
    "simulation/shards.py",
    "simulation/studies.py",
}
WRITERS = {"cases/workflow.py", "cases/intake.py"}

# What writes the groups of roles.json, and gives them to the people of the demo.
SEEDING = {"cases/management/commands/seed.py", "config/demo.py"}

FILE_LINES, TEST_LINES, FUNCTION_LINES = 300, 350, 60


@cache
def files():
    """Return {"cases/log.py": its text} of the product's code, without migrations."""
    found = {}
    for app in TOWER:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
    return found


@cache
def trees():
    return {name: ast.parse(text) for name, text in files().items()}


def docstrings(tree):
    """Return the docstring nodes of a tree: text for people, in which anything may stand."""
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, holders)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }


def texts_in(tree):
    """Yield the string constants that are code, not documentation."""
    told = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in told:
            yield node.value


def calls_in(tree):
    """Yield (dotted name as written, call) for every call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


# -- the tower ---------------------------------------------------------------------------------


def imported(name, tree):
    """Yield the top-level packages that a file imports, relative ones resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield name.split("/")[0] if node.level else node.module.split(".")[0]


def above(name):
    """Return the apps that this file may not know of."""
    return set(TOWER[: TOWER.index(name.split("/")[0])])


def forbidden_imports(name, tree):
    return set(imported(name, tree)) & above(name)


def forbidden_look_ups(name, tree):
    """Return strings by which a file reaches into an app above it: a path, a URL name, a label."""
    path = re.compile(rf"({'|'.join(above(name)) or '-'})[.:/]\w.*")
    found = [text for text in texts_in(tree) if path.fullmatch(text)]
    for called, call in calls_in(tree):
        if called.split(".")[-1] in _LOOK_UPS and call.args:
            found += {getattr(call.args[0], "value", "")} & above(name)
    return found


_LOOK_UPS = (
    "get_model",
    "get_app_config",
    "import_module",
    "__import__",
    "include",
    "is_installed",
)


def test_imports_go_one_way():
    assert len(trees()) > 50
    found = {name: forbidden_imports(name, tree) for name, tree in trees().items()}
    assert {name: apps for name, apps in found.items() if apps} == {}


def test_no_string_goes_round_the_imports():
    found = {name: forbidden_look_ups(name, tree) for name, tree in trees().items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "name, code",
    [
        ("cases/x.py", "from mailbox import notices"),
        ("cases/x.py", "import config.settings"),
        ("mailbox/x.py", "from simulation.models import Run"),
        ("simulation/x.py", "def f():\n    from config import celery"),
        ("cases/x.py", 'apps.get_model("mailbox", "Notice")'),
        ("cases/x.py", 'apps.get_model("mailbox.Notice")'),
        ("cases/x.py", 'import_module("simulation.runs")'),
        ("mailbox/x.py", 'models.ForeignKey("simulation.Run", models.CASCADE)'),
        ("cases/x.py", 'reverse("mailbox:follow")'),
        ("cases/x.py", 'render(request, "mailbox/letter.html")'),
    ],
)
def test_the_tower_is_really_watched(name, code):
    tree = ast.parse(code)
    assert forbidden_imports(name, tree) or forbidden_look_ups(name, tree)


@pytest.mark.parametrize(
    "name, code",
    [
        ("cases/x.py", '"""mailbox/notices.py reads this."""\nfrom cases import log\nimport json'),
        ("cases/desk/x.py", "from ..models import Case"),
        ("config/x.py", "from simulation import runs\nfrom cases import log"),
        ("mailbox/x.py", 'reverse("mailbox:follow")'),
        ("cases/x.py", '_("a mailbox of the city")'),
    ],
)
def test_the_tower_lets_the_rest_through(name, code):
    tree = ast.parse(code)
    assert not forbidden_imports(name, tree) and not forbidden_look_ups(name, tree)


# -- who alone may -----------------------------------------------------------------------------

CLOCKS = re.compile(
    r"(timezone\.(now|localdate|localtime)|(datetime\.)?datetime\.(now|utcnow|today)"
    r"|(datetime\.)?date\.today|time\.time(_ns)?)"
)


def test_the_wall_clock_is_read_in_one_place():
    found = {
        (name, called)
        for name, tree in trees().items()
        for called, call in calls_in(tree)
        if CLOCKS.fullmatch(called) and not (called.endswith("localtime") and call.args)
    }
    apart = ("config/audit.py", "date.today")  # runs where nothing of ours is
    assert found == {("cases/worlds.py", "timezone.now"), apart}


def test_sql_reads_no_clock_either():
    """Only what is about people here and now goes by the database's clock: attempts of look-ups,
    who has a letter open, that queues move. It holds in a world, whose own clock stands still. The
    check of the clocks asks what the database's is."""
    sql = re.compile(r"\b(now\(\)|current_timestamp|current_date|clock_timestamp)", re.IGNORECASE)
    for name, tree in trees().items():
        asks = any(sql.search(text) for text in texts_in(tree))
        assert asks == (name == "config/server_checks.py"), name
        uses = any(called == "Now" for called, _call in calls_in(tree))
        allowed = re.fullmatch(r"cases/(models/)?(throttle|presence|heartbeats?)\.py", name)
        assert not uses or allowed, name


def test_the_search_path_is_set_in_one_place():
    found = {n for n, tree in trees().items() if any("search_path" in t for t in texts_in(tree))}
    assert found == SEARCH_PATH


def test_transactions_are_opened_by_the_core_alone():
    found = {
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and "atomic" in (getattr(node, "attr", ""), getattr(node, "id", ""))
    }
    assert {"cases/workflow.py", "cases/intake.py", "cases/worlds.py"} <= found <= TRANSACTIONS
    assert not any("ATOMIC_REQUESTS" in text for text in files().values())


_WRITES = re.compile(
    r"(Case|Event|Letter)\.objects\b.*\.(create|get_or_create|update_or_create|bulk_create|update"
    r"|bulk_update|delete)"
)


def domain_writes(tree):
    """Return the calls by which a file writes letters, cases or events."""
    from_models = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("models")
        for alias in node.names
    }
    built = {"Case", "Event"} & from_models - _of_django(tree)
    return [
        called
        for called, call in calls_in(tree)
        if called in built or _WRITES.fullmatch(ast.unparse(call.func).replace("\n", " "))
    ]


def _of_django(tree):
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django")
        for alias in node.names
    }


def test_perform_and_intake_are_the_only_writers():
    found = {name for name, tree in trees().items() if domain_writes(tree)}
    assert found == WRITERS


@pytest.mark.parametrize(
    "code",
    [
        "from cases.models import Case\nCase.objects.filter(pk=1).update(state='closed')",
        "from cases.models import Event\nEvent.objects.create(case=c)",
        "from cases.models import Event\nEvent(case=c).save()",
        "from .models import Case\nCase.objects.filter(\n  pk=1,\n).order_by('x').delete()",
    ],
)
def test_a_second_writer_would_be_seen(code):
    assert domain_writes(ast.parse(code))


def test_nothing_hangs_on_domain_signals():
    for name, text in files().items():
        assert not re.search(r"\b(pre|post)_(save|delete)\b|m2m_changed", text), name


def test_code_knows_rights_and_no_groups():
    named = {role[key] for role in units.roles() for key in ("name_en", "code")} - _ORDINARY
    for name, tree in trees().items():
        if name in SEEDING:
            continue
        assert not re.search(r"\.groups\.|groups__", files()[name]), name
        assert not set(texts_in(tree)) & named, name


# Words that are a role's code and also mean something else in code.
_ORDINARY = {"handler", "leader", "planner", "reviewer", "supervisor", "dispatcher", "auditor"}


# -- sizes -------------------------------------------------------------------------------------


def test_files_are_short():
    long = {name: n for name, text in files().items() if (n := text.count("\n")) > FILE_LINES}
    assert long == {}
    for path in (ROOT / "tests").glob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= TEST_LINES, path.name


def test_functions_are_short():
    lengths = {
        f"{name}:{node.name}": node.end_lineno - node.lineno + 1
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: n for name, n in lengths.items() if n > FUNCTION_LINES} == {}
    assert statistics.median(lengths.values()) <= 10
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 30


# -- honest figures ----------------------------------------------------------------------------

# Outcomes that were published; each may stand in simulation/data/published.toml alone.
PUBLISHED = (13234, 16100, 19000, 25500, 3135, 2750, 4403, 3248, 3925, 1692)


def test_no_published_outcome_stands_in_the_code():
    forms = [rf"{n // 1000}[,_]?{n % 1000:03d}" for n in PUBLISHED]
    forms += [r"2\.55 ?万", r"1\.9 ?万", r"1\.61 ?万"]
    figure = re.compile(rf"(?<![\d.])({'|'.join(forms)})(?![\d.])")
    for app in TOWER:
        for path in (ROOT / app).rglob("*"):
            if path.suffix[1:] in DATA and path.name not in ("published.toml", "units.json"):
                found = figure.search(path.read_text(encoding="utf-8"))
                assert not found, f"{path.relative_to(ROOT)}: {found[0]}"


def test_data_files_are_readable():
    for path in (ROOT / "cases" / "data").glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["about"]
