"""The people of `make load`, a process of its own under Locust: they come when they come.

Told on stdin as JSON: host, rate (letters a second), seconds, burst (letters that come at once in the
middle), forms, offices, seed. Arrivals are open: a Poisson stream that waits for no answer. Each writer
has an address of their own, asks for the form, sends the letter, reads the receipt, and looks the
letter up LOOK_UPS times before the end. Offices are few people, as they are: each takes one letter after
another along its way, a step at a time. Answers on stdout, as JSON.
"""

# Locust first: it makes sockets and locks those of gevent.
from locust.clients import HttpSession  # isort: skip
from locust.env import Environment  # isort: skip

import json
import random
import sys
import time
from urllib.parse import urlsplit

import gevent
from gevent.pool import Group

from tests.chaos.visitors import FIGURE, PASSWORD, WALK, hidden

LOOK_UPS = 3  # of a letter
PAUSE = 1.0  # seconds on average that an officer looks at a page
PATIENCE = 60  # seconds for an answer, and for all answers after the end
CITY = "440300"  # whose officers WALK names


class Crowd:
    """All who use the site for some seconds, and what they were shown."""

    def __init__(self, told):
        self.told, self.random = told, random.Random(told["seed"])
        self.events = Environment().events
        self.events.request.add_listener(self._note)
        self.asked, self.receipts, self.steps = [], [], []
        self.waiting = []  # receipts of the offices' city
        self.people, self.doing, self.most = Group(), 0, 0

    def _note(self, name, response_time, exception, **_more):
        wrong = str(exception)[:80] if exception else ""
        self.asked.append((name, response_time / 1e3, wrong))

    def go(self):
        """Let everyone do what they do until the end, and wait for the last answers."""
        offices = [Office(self, n) for n in range(self.told["offices"])]
        gevent.joinall([gevent.spawn(office.sign_in) for office in offices])
        self.end = time.monotonic() + self.told["seconds"]
        self.began = time.time()
        forms = iter(self.told["forms"])
        comers = [gevent.spawn(self._arrive, forms), gevent.spawn(self._burst, forms)]
        working = [gevent.spawn(office.work) for office in offices]
        gevent.joinall([*comers, *working])
        self.people.join(timeout=PATIENCE)

    def _arrive(self, forms):
        while self.told["rate"]:
            gevent.sleep(min(self.random.expovariate(self.told["rate"]), self.left + 1))
            if not self.left:
                return
            self.people.spawn(self._write, next(forms))

    def _burst(self, forms):
        gevent.sleep(self.left / 2)
        for _n in range(self.told["burst"]):
            self.people.spawn(self._write, next(forms))

    @property
    def left(self):
        """Seconds until the end."""
        return max(0, self.end - time.monotonic())

    def _write(self, fields):
        self.doing += 1
        self.most = max(self.most, self.doing)
        try:
            person = Person(self)
            form = person.form("form", "/write/")
            answer = person.ask("send", "POST", "/write/", fields | form, multipart=True)
            if answer is None or answer.status_code != 302:
                return
            text = person.ask("receipt", "GET", "/write/sent/", wanted=FIGURE).text
            receipt, code = FIGURE.findall(text)[:2]
        except (AttributeError, ValueError):  # an answer that was not one: it has been counted
            return
        finally:
            self.doing -= 1
        self.receipts.append(receipt)
        if fields["mailbox"] == CITY:
            self.waiting.append(receipt)
        for _n in range(LOOK_UPS):
            self.people.spawn(self._look_up, receipt, code, self.random.random() * self.left)

    def _look_up(self, receipt, code, after):
        gevent.sleep(after)
        if not self.left:
            return
        person = Person(self)
        form = person.form("follow", "/follow/")
        typed = {**form, "receipt": receipt, "code": code}
        answer = person.ask("look up", "POST", "/follow/", typed)
        if answer is not None and answer.status_code == 302:
            person.ask("letter", "GET", answer.headers["Location"])

    def told_of(self):
        """Return what came of it."""
        names = ("began", "asked", "receipts", "steps", "most")
        return {name: getattr(self, name) for name in names}


class Person:
    """A browser at an address of its own."""

    def __init__(self, crowd):
        self.crowd = crowd
        host = crowd.told["host"]
        self.session = HttpSession(host, crowd.events.request, None)
        number = crowd.random.getrandbits(22)
        self.address = f"100.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"

    def ask(self, name, method, path, data=None, multipart=False, wanted=None):
        """Return the answer; one that is not what is wanted counts as an error."""
        more = {"headers": {"X-Forwarded-For": self.address}, "data": data, "timeout": PATIENCE}
        if multipart:
            more["files"] = {"attachments": ("", b"")}
        with self.session.request(
            method, path, name, catch_response=True, allow_redirects=False, **more
        ) as answer:
            kept = method == "GET" or answer.status_code == 302
            if answer.status_code >= 400 or not kept or not answer.text and method == "GET":
                answer.failure(f"status {answer.status_code}")
            elif wanted and not wanted.search(answer.text):
                answer.failure("not what was wanted")
            return answer

    def form(self, name, path):
        """Open a page; return the hidden fields of its first form."""
        return hidden(self.ask(name, "GET", path).text or "")


class Office:
    """The officers of WALK, who take letters along it for as long as there is time."""

    def __init__(self, crowd, number):
        self.crowd, self.number = crowd, number
        self.officers = {}

    def sign_in(self):
        """Have all of them signed in."""
        for username in dict.fromkeys(who for who, _action, _said in WALK):
            person = self.officers[username] = Person(self.crowd)
            typed = person.form("sign in", "/admin/login/?next=/desk/")
            typed |= {"username": username, "password": PASSWORD}
            person.ask("sign in", "POST", "/admin/login/?next=/desk/", typed)

    def work(self):
        """Take letter after letter; where none waits, look at the list."""
        while self.crowd.left:
            if not self._page("list", WALK[0][0], "/desk/"):
                return
            if self.crowd.waiting:
                self._handle(self.crowd.waiting.pop(0))

    def _handle(self, receipt):
        for username, action, said in WALK:
            form = self._page("case", username, f"/desk/{receipt}/")
            if not form:
                return
            officer, path = self.officers[username], f"/desk/{receipt}/{action}/"
            answer = officer.ask("step", "POST", path, form | said)
            if answer.status_code == 302:
                self.crowd.steps.append((receipt, action))

    def _page(self, name, username, path):
        """Open a page and look at it; return its hidden fields, nothing once time is over."""
        form = self.officers[username].form(name, path)
        gevent.sleep(self.crowd.random.expovariate(1 / PAUSE))
        return form if self.crowd.left else {}


if __name__ == "__main__":
    crowd = Crowd(json.load(sys.stdin))
    if urlsplit(crowd.told["host"]).hostname != "127.0.0.1":
        sys.exit("the crowd goes to a site of this machine alone")
    crowd.go()
    json.dump(crowd.told_of(), sys.stdout)
