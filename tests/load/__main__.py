"""`make load`: a crowd at the published peak, at 100 and at 1,000 times that, while years are simulated.

A site of its own runs as the demo does: web, worker, beat and simulation worker, with every limit on sending
and looking up in force, each person at an address of their own behind one proxy. After each
level nothing may be lost: the receipts shown are those of letters with a case, each step confirmed to an
officer is an event, the log is whole and its replay is the state of every case. Exits 1 otherwise.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import django
from django.db import connection

from config import demo, services
from config.bench import stage
from config.servers import free_port

PEAK_A_DAY = 385  # letters on the fullest day that was published
LEVELS = (1, 100, 1000)  # times that
# An hour of the peak at one instant, as after a notice that all have read: at one letter in four
# minutes a mean alone would say nothing.
BURST = 16
OFFICES = 2
NOTICE_SECONDS = 60  # for which the last mails are waited for


def main(words=None):
    """Measure, print a table for each level, return the exit status."""
    asked = _parser().parse_args(words)
    with (
        services.running(),
        stage.own_database(),
        stage.environment(TRUSTED_PROXIES="1"),
        tempfile.TemporaryDirectory() as folder,
    ):
        django.setup()
        stage.furnish("--demo")
        try:
            with site(folder) as port, stage.years() as played:
                wrong = [level(port, asked, times) for times in asked.levels]
            print(f"\nyears simulated meanwhile: {len(played)}")
        finally:
            connection.close()
    return int(any(wrong))


def _parser():
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each level")
    parser.add_argument("--levels", type=int, nargs="+", default=LEVELS, metavar="TIMES")
    parser.add_argument("--burst", type=int, default=BURST, help="letters at once in the middle")
    return parser


@contextmanager
def site(folder):
    """Run web, worker and beat beside the block, as the demo does; give the port."""
    port = free_port()
    commands = {name: demo.PROCESSES[name] for name in ("web", "worker", "beat")}
    commands["beat"] = [*commands["beat"], "-s", Path(folder) / "beat-schedule"]
    with demo.processes(port, {f"load-{name}": words for name, words in commands.items()}):
        yield port


def level(port, asked, times):
    """Send the crowd for one level, print what came of it; return whether something is wrong."""
    from config.bench.letters import typed

    rate = PEAK_A_DAY * times / 86_400
    told = {"host": f"http://127.0.0.1:{port}", "rate": rate, "seconds": asked.seconds}
    told |= {"burst": asked.burst, "offices": OFFICES, "seed": times}
    told["forms"] = typed(int(rate * asked.seconds * 1.5) + asked.burst + 50, times)
    command = [sys.executable, "-W", "ignore", "-m", "tests.load.crowd"]
    found = subprocess.run(
        command, cwd=demo.ROOT, input=json.dumps(told), text=True, stdout=-1, check=True
    )
    came = json.loads(found.stdout)
    print(
        f"\n{times:,} times the peak: {rate * 3600:,.0f} letters an hour for {asked.seconds:.0f} s"
    )
    print(f"and {asked.burst} at once; at most {came['most']} people were sending at one time")
    _table(came["asked"], asked.seconds)
    return bool(_lost(came) + sum(1 for _name, _time, wrong in came["asked"] if wrong))


def _table(asked, seconds):
    print("request     number    /s   p50 ms   p95 ms   p99 ms   most ms  errors")
    for name in dict.fromkeys(name for name, _time, _wrong in asked):
        times = sorted(time for one, time, _wrong in asked if one == name)
        wrong = [words for one, _time, words in asked if one == name and words]
        at = [times[min(int(len(times) * part), len(times) - 1)] for part in (0.5, 0.95, 0.99, 1)]
        figures = "".join(f"{one * 1e3:9.0f}" for one in at)
        line = f"{name:10} {len(times):7} {len(times) / seconds:5.1f}{figures} {len(wrong):7}"
        print(line, " ".join(sorted(set(wrong))[:2]), flush=True)


def _lost(came):
    """Print how long mails waited and whether anything is lost; return how much is."""
    from cases import log
    from cases.models import Event, Letter

    began = datetime.fromtimestamp(came["began"], UTC)
    waits, owed = _waits(began)
    if waits:
        print(
            f"queue: {len(waits)} mails, each waited {median(waits):.1f} s, at most {max(waits):.1f} s"
        )
    shown = set(came["receipts"])
    kept = Letter.objects.filter(case__isnull=False, receipt__in=shown).count()
    extra = Letter.objects.filter(received_at__gte=began).exclude(receipt__in=shown).count()
    taken = set(Event.objects.values_list("case__letter__receipt", "action"))
    steps = [step for step in came["steps"] if tuple(step) not in taken]
    faults = list(log.check())
    print(
        f"receipts shown {len(shown)}, of letters with a case {kept}, letters without one {extra}; "
        f"steps confirmed {len(came['steps'])}, lost {len(steps)}; faults of the log {len(faults)}; "
        f"mails owed {owed}"
    )
    return len(shown) - kept + extra + len(steps) + len(faults) + owed


def _waits(began):
    """Return (seconds that each mail about a letter's arrival waited, how many are owed still)."""
    from cases.models import Event
    from mailbox.models import Notice

    events = Event.objects.filter(action="receive", at__gte=began)
    end = time.monotonic() + NOTICE_SECONDS
    while (owed := _owed(events)) and time.monotonic() < end:
        time.sleep(0.5)
    sent = Notice.objects.filter(event__in=events, status=Notice.SENT, channel=Notice.MAIL)
    return [
        (one.sent_at - one.event.at).total_seconds() for one in sent.select_related("event")
    ], owed


def _owed(events):
    from mailbox.models import Notice

    return (
        events.filter(notices=None).count() + events.filter(notices__status=Notice.PENDING).count()
    )


if __name__ == "__main__":
    sys.exit(main())
