"""docs/security.md names tests that are there; no secret is tracked; no pattern hangs on a long text."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests import processes

ROOT = Path(settings.BASE_DIR)
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE)


@pytest.mark.parametrize("file", sorted({file for file, _name in NAMED}))
def test_each_test_that_the_page_names_is_there(file):
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    for name in (name for one, name in NAMED if one == file):
        assert f"def {name}(" in text, name


def test_each_row_names_a_test():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "shown by" not in line]
    assert len(rows) > 35
    assert [row for row in rows if "::test_" not in row] == []


# -- secrets -----------------------------------------------------------------------------------

# Keys of known services, private keys, and long values given to what is called a secret.
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bsk_live_[A-Za-z0-9]{16,}|\beyJ[\w-]{20,}\.[\w-]{20,}\.[\w-]{10,}"
    r"|(?i:secret_key|identity_keys|api_key|password|token)\s*[=:]\s*[\"']?(?=\S*\d)[A-Za-z0-9+/_-]{24,}={0,2}"
)
# The demo's password is public, and said to be; nothing else is a password here.
DEMOS = {"pingan-demo"}


def tracked():
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("no clone: what is tracked is not known")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file() and path.suffix not in (".png", ".gz", ".mo")]


def test_versions_that_were_looked_up_by_hand_are_those_that_are_locked():
    looked_up = re.findall('"([a-z-]+) ([0-9][0-9a-z.]+)"', (ROOT / "config/audit.py").read_text())
    locked = (ROOT / "requirements.txt").read_text()
    page = (ROOT / "docs/security.md").read_text().lower()
    assert looked_up
    for name, version in looked_up:
        assert f"\n{name}=={version} " in locked and f"| {name} {version} |" in page, name


def test_no_secret_stands_in_a_tracked_file():
    found = []
    for path in tracked():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            found += [f"{path.relative_to(ROOT)}: {m[0][:30]}" for m in SECRETS.finditer(line)]
    assert found == []
    names = {path.name for path in tracked()}
    assert not [n for n in names if n == ".env" or n.endswith((".pem", ".key", ".p12", ".kdbx"))]
    officers = (ROOT / "cases" / "data" / "demo_officers.json").read_text(encoding="utf-8")
    assert set(re.findall(r'"password": "([^"]+)"', officers)) <= DEMOS


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "SECRET_KEY=" + "x1" * 20,
        'password = "' + "a1B2" * 8 + '"',
    ],
)
def test_secret_would_be_found(line):
    assert SECRETS.search(line)


# -- patterns ----------------------------------------------------------------------------------

# Far longer than what any field takes, and made to lead patterns astray.
_HOSTILE = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (90, 90))
import django
django.setup()
from datetime import date
from functools import partial
from cases import acting, alarms, characters, filling, grams, identity, mentions, past_units
from cases import receipts, reply_checks, searching, striking
from cases.desk import changes, differing, marks
from cases.models import CommonQuestion
from mailbox import questions, steps
today = date(2026, 3, 2)
rows = [CommonQuestion(signs="红绿灯 信号灯 | 路灯 路口 traffic light")]
calls = [identity.clean, identity.fold, identity.check_phone, identity.check_email,
         identity.check_name, acting.check_together, acting.check_company, alarms.find,
         filling.fields_in, filling.unknown_fields, grams.of, grams.folded, receipts.parse,
         mentions._NAMED.findall, past_units.spots_in, searching.words_of, characters.language_of,
         reply_checks.plain, reply_checks._BLANK.findall, steps.seems_two,
         *[partial(identity.check_id_number, id_type=t, today=today) for t in identity.ID_TYPES],
         lambda text: striking.strike(text, ["19500000000", text[:40]], ["测试"]),
         lambda text: [searching.pattern(w).search(text) for w in searching.words_of(text[:40])],
         lambda text: marks.pieces(text, searching.words_of(text[:40])),
         lambda text: marks.snippet(text, searching.words_of(text[:40])),
         lambda text: changes.changes(text, text[1:]), lambda text: differing.differing(text, text[1:]),
         lambda text: questions.likeliest(rows, text[:60], text)]
for piece in ["1", "+", "a@", " ", "-", "@", "{{", "{", "福田区", "县市区镇", "x.", "（", "1-", "【", "，",
              "x", "_", "族自治县", "我是", "*", "\\u200b", "\\u3000", "（0）", "x×X"]:
    text = piece * (2000 // len(piece)) + "!"
    for call in calls:
        try:
            call(text)
        except identity.BadInput:
            pass
print("all came back")
"""


def test_no_pattern_takes_forever_over_a_long_text():
    """ReDoS: all that reads what people type comes back, or its limit ends the process that tries."""
    said = subprocess.run(
        [sys.executable, "-c", _HOSTILE],
        env=processes.environment(),
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert said.stdout.strip() == "all came back", said.stderr[-2000:]
