"""Sending a letter, beside a view that inserts the same rows: `python -m config.bench.sending`.

Both run as the demo's web process does, each at a port of its own, and are asked in turn by a
process of people who send without a pause; first with nothing else to do, then while the demo's
simulation worker plays one year after another. All of it goes to a database of its own, which is
dropped at the end. Nobody is asked for a proof of work: all letters come from one address.
"""

import argparse
import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

import django
from django.db import connection

from config import demo, services
from config.bench import stage
from config.servers import free_port

CLIENTS, SECONDS, ROUNDS = 8, 5, 5
WARM_SECONDS = 2  # before the first round
MOST_PER_SECOND = 500  # letters that are ready to be sent


@dataclass(frozen=True)
class Sent:
    """What came of some seconds of sending; times in seconds, of each letter."""

    seconds: float
    times: list
    receipts: list
    page_times: list
    errors: list

    @property
    def rate(self):
        """Letters a second."""
        return len(self.times) / self.seconds


def main(arguments=None):
    """Measure in a database of its own, print the figures, return the exit status."""
    parser = argparse.ArgumentParser(prog="config.bench.sending", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each round and site")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    chosen = parser.parse_args(arguments)
    # The query codes of the floor's copies fit no key, as if they were of one before (config.E019).
    own = {"SENDING_FREE": "0", "SECRET_KEY_FALLBACKS": "of the floor's copies"}
    with services.running(), stage.own_database(), stage.environment(**own):
        django.setup()
        stage.furnish()
        try:
            with sites() as bench:
                lost = [compare(bench, chosen, "nothing else runs")]
                with stage.years() as played:
                    lost.append(compare(bench, chosen, "while a year is simulated"))
                print(f"years simulated meanwhile: {len(played)}")
        finally:
            connection.close()
    return int(any(lost))


class Bench:
    """The two sites that run, and all receipts that were shown."""

    def __init__(self, ports):
        self.ports, self.seed, self.receipts = ports, 0, set()
        self.most = 0  # letters at a time; 0: as many as there is time for

    def letters(self, clients, seconds):
        """Send letters for so long; return what came of it."""
        sent = self._ask("form", "/write/", "/write/sent/", clients, seconds)
        self.receipts |= set(sent.receipts)
        return sent

    def floor(self, clients, seconds):
        """Have the same rows inserted for so long; return what came of it."""
        return self._ask("floor", "/floor/", "", clients, seconds)

    def _ask(self, site, page, receipt_page, clients, seconds):
        from config.bench.letters import typed

        self.seed += 1
        told = {"port": self.ports[site], "page": page, "receipt_page": receipt_page}
        told |= {"clients": clients, "seconds": seconds}
        told["forms"] = typed(self.most or int(MOST_PER_SECOND * seconds), self.seed)
        command = [sys.executable, "-m", "config.bench.posting"]
        answer = subprocess.run(
            command, cwd=demo.ROOT, input=json.dumps(told), text=True, stdout=-1, check=True
        )
        return Sent(**json.loads(answer.stdout))

    def lost(self):
        """Return the receipts that have no letter, and those of letters that showed none."""
        from cases.models import Letter

        kept = Letter.objects.filter(receipt__startswith="PA-", case__isnull=False)
        return self.receipts ^ set(kept.values_list("receipt", flat=True))


@contextmanager
def sites():
    """Run the site and its floor, each as the demo runs the web; give the Bench that asks them."""
    ports = {"form": free_port(), "floor": free_port()}
    web = demo.PROCESSES["web"]
    floor = ["config.bench.floor" if word == "config.wsgi" else word for word in web]
    with ExitStack() as stack:
        for name, command in (("form", web), ("floor", floor)):
            stack.enter_context(demo.processes(ports[name], {f"bench-{name}": command}))
        bench = Bench(ports)
        # Each thread has loaded its code and has its connection, and the floor finds rows to copy.
        bench.letters(CLIENTS, WARM_SECONDS)
        bench.floor(CLIENTS, WARM_SECONDS)
        yield bench


def compare(bench, chosen, title):
    """Ask both sites in turn, print a line for each round, then the medians; return what is lost."""
    print(f"\nletters sent by {chosen.clients} clients: {title}")
    print("round  letters/s  floor/s  ratio  p50 ms  p99 ms  p99/p50  receipt page ms  errors")
    rounds = []
    for number in range(1, chosen.rounds + 1):
        sent = bench.letters(chosen.clients, chosen.seconds)
        floor = bench.floor(chosen.clients, chosen.seconds)
        rounds.append((sent, floor))
        print(_line(number, [(sent, floor)]), flush=True)
    print(_line("all", rounds))
    lost = bench.lost()
    print(f"receipts shown {len(bench.receipts):,}, letters without one or lost: {len(lost)}")
    return bool(lost) or any(sent.errors or floor.errors for sent, floor in rounds)


def _line(name, rounds):
    times = [time for sent, _floor in rounds for time in sent.times]
    pages = [time for sent, _floor in rounds for time in sent.page_times]
    middle, last = median(times) * 1e3, quantiles(times, n=100)[-1] * 1e3
    rates = [median(one.rate for one in column) for column in zip(*rounds, strict=True)]
    ratio = median(sent.rate / floor.rate for sent, floor in rounds)
    errors = [error for pair in rounds for one in pair for error in one.errors]
    return (
        f"{name:>5}  {rates[0]:9.1f}  {rates[1]:7.1f}  {ratio:5.2f}  {middle:6.1f}  {last:6.1f}"
        f"  {last / middle:7.1f}  {median(pages) * 1e3:15.1f}  {len(errors):6}  {' '.join(errors[:1])}"
    )


if __name__ == "__main__":
    sys.exit(main())
