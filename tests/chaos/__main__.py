"""`make chaos`: a site of its own, people who use it, one fault after another, and what is left.

Exits 1 if a promise is broken. Recovery times are printed and judged by nobody.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.diary import Diary, now
from tests.chaos.faults import FAULTS, Skipped
from tests.chaos.house import House

SETTLE_SECONDS, SHORT_SETTLE_SECONDS = 15, 3  # between two faults


def main(words=None):
    """Do what the command line asks for; return the exit status."""
    asked = _parser().parse_args(words)
    chosen = [fault for fault in FAULTS if _is_chosen(fault, asked)]
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    folder.chmod(0o755)  # PostgreSQL runs under another account when we are root
    began = time.monotonic()
    try:
        with House(folder, asked.port).running() as house:
            findings = _try(house, chosen, asked.short)
    finally:
        if not asked.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{time.monotonic() - began:.0f} s in all")
    broken = [finding for finding in findings if finding.wrong]
    return 1 if broken else 0


def _parser():
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="some faults, little rest between")
    parser.add_argument("--only", default="", help="names of faults, with commas")
    parser.add_argument("--port", type=int, default=8208)
    parser.add_argument("--keep", action="store_true", help="leave the folder with its logs")
    return parser


def _is_chosen(fault, asked):
    if asked.only:
        return fault.name in asked.only.split(",")
    return fault.short or not asked.short


def _try(house, chosen, short):
    import django

    django.setup()
    from tests.chaos import desk, findings, planner
    from tests.chaos.visitors import Traffic
    from tests.files import PDF

    diary, settle = Diary(), SHORT_SETTLE_SECONDS if short else SETTLE_SECONDS
    letters, again = (2000, 12) if short else (20_000, 50)
    file = ("路灯.pdf", PDF, "application/pdf")
    with (
        planner.simulating(diary, letters),
        Traffic(house, diary, file) as traffic,
        desk.working(house, diary, traffic),
    ):
        _wait_for_first(house, diary, short)
        print(f"{'fault':<45}{'letters again':>14}{'failed':>8}  restarted; /health", flush=True)
        for fault in chosen:
            traffic.sign_out()
            _do(house, diary, fault, settle)
    found = [findings.drained(house)]
    found += [*findings.letters(house, diary, again), *findings.desk(diary)]
    found += [*findings.files(house), *findings.log()]
    found += [*findings.notices(house), *findings.runs(diary, letters), *findings.manners(diary)]
    print(f"\n{'afterwards':<58}{'counted':>8}{'wrong':>7}")
    for one in found:
        print(f"{one.promise:<58}{one.counted:>8}{one.wrong:>7}  {one.more}")
    if diary.refused:
        print("refused:", *sorted(set(diary.refused))[:5], sep="\n  ")
    return found


def _wait_for_first(house, diary, short):
    """Let everybody get going before anything happens; in the long form all must be well, too."""
    end, forking = now() + 120, ("web", "worker", "worker-simulation")
    while not (
        diary.written
        and diary.steps
        and all(map(house.children, forking))
        and (short or (diary.health and not diary.health[-1][1]))
    ):
        if now() > end:
            going = {name: len(getattr(diary, name)) for name in ("written", "steps", "refused")}
            raise SystemExit(f"Nobody gets going: {going} {diary.refused[-3:]}")
        time.sleep(0.2)


def _do(house, diary, fault, settle):
    """Do one fault, let the site settle, and print its row."""
    before, began = house.restarts.copy(), now()
    try:
        fault.do(house)
    except Skipped as why:
        print(f"{fault.said:<45} SKIPPED: {why}", flush=True)
        return
    time.sleep(settle)
    recovered = diary.recovery(began, now())
    if recovered is None:
        _wait_for_letter(diary)
        recovered = diary.recovery(began, now())
    failed = len(diary.failures(began, now()))
    again = ", ".join(f"{name} ×{n}" for name, n in (house.restarts - before).items()) or "nothing"
    red = " ".join(diary.unwell(began, now())) or "ok"
    took = "never" if recovered is None else f"{recovered:.1f} s"
    print(f"{fault.said:<45}{took:>14}{failed:>8}  {again}; {red}", flush=True)


def _wait_for_letter(diary):
    end, written = now() + 60, len(diary.written)
    while len(diary.written) == written and now() < end:
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
