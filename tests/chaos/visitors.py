"""Those who use the site over HTTP while it suffers: citizens, officers, a planner, a monitor.

Each behaves as a patient person: what fails is tried again, the same form with the same key.
"""

import re
import threading
import time
import uuid
from itertools import count

import requests

from tests.chaos.diary import Written, now

TIMEOUT = 20  # seconds for which a person waits for a page
PAUSE = 0.3  # before one tries again, and between two doings
PASSWORD = "pingan-demo"  # noqa: S105  of the demo's officers
FIGURE = re.compile(r'class="figure">([^<]+)<')
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|seen)" value="([^"]*)"')
# The way of a letter: who takes the step, and what they say.
WALK = (
    ("sz-desk", "accept", {}),
    ("sz-desk", "dispatch", {"unit": "440304"}),
    ("futian-handler", "sign", {}),
    ("futian-handler", "contact", {"how": "phone", "reached": "yes"}),
    ("futian-handler", "record_result", {"result": "done"}),
    ("futian-handler", "propose_reply", {"text": "已联系市政部门，路灯今天修好，请您查看。"}),
    ("sz-reviewer", "approve_reply", {}),
)


def hidden(text):
    """Return the hidden values of a page's first form."""
    found = {}
    for name, value in _HIDDEN.findall(text):
        found.setdefault(name, value)
    return found


class Failed(Exception):
    """A request that brought no proper answer; its words are for the diary."""


class Visitor:
    """One browser. Its requests go into the diary."""

    def __init__(self, house, diary, who):
        self.house, self.diary, self.who = house, diary, who
        self.session = requests.Session()

    def ask(self, method, path, **more):
        """Return the answer, or raise Failed for no answer and for an error of the server's."""
        began = now()
        try:
            answer = self.session.request(
                method, self.house.address + path, timeout=TIMEOUT, **more
            )
        except requests.RequestException as error:
            self.diary.note("answers", self.who, began, now(), type(error).__name__)
            raise Failed(type(error).__name__) from None
        what = str(answer.status_code) if answer.status_code >= 500 else ""
        self.diary.note("answers", self.who, began, now(), what)
        if what:
            if "<h1>" not in answer.text or answer.status_code != 503:
                self.diary.note("unkind", f"{what} at {path}")
            raise Failed(what)
        return answer


class Citizen(Visitor):
    """Writes letter after letter, every second one with a file."""

    numbers = count(1)

    def __init__(self, house, diary, file):
        super().__init__(house, diary, "citizen")
        self.file = file

    def write(self, stop):
        """Write one letter and read its receipt, however often it takes; None if stopped before."""
        number = next(self.numbers)
        form, tries = None, 0
        while not stop.is_set():
            try:
                if form is None:
                    form = self._form(number)
                tries += 1
                file = self.file if number % 2 else None
                return self._sent(form, file, tries)
            except Failed:
                time.sleep(PAUSE)
        return None

    def _form(self, number):
        self.session = requests.Session()  # somebody else
        return {
            **hidden(self.ask("GET", "/write/").text),
            "key": str(uuid.uuid4()),
            "mailbox": "440300",
            "kind": "help",
            "category": "traffic",
            "title": f"小区门口路灯损坏之{number}",
            "body": f"小区门口第{number}盏路灯坏了一个星期，晚上走路看不清，请尽快维修。",
            "name": f"示例{number}",
            "phone": f"138{number:08d}",
            "id_type": "passport",
            "id_number": f"G{number:08d}",
            "email": f"c{number}@example.org",
        }

    def _sent(self, form, file, tries):
        files = {"attachments": file} if file else None
        answer = self.ask("POST", "/write/", data=form, files=files)
        shown = FIGURE.findall(answer.text)
        if not answer.url.endswith("/write/sent/") or len(shown) < 2:
            words = re.findall(r'<(?:li|p) class="error[^>]*>(.*?)</', answer.text, re.S)
            self.diary.note(
                "refused", " ".join(words)[:200] or f"{answer.status_code} {answer.url}"
            )
            raise Failed("refused")
        written = Written(form, file, dict(self.session.cookies), *shown[:2], tries)
        self.diary.note("written", written)
        return written

    def again(self, written):
        """Send the same form once more, as after a lost answer; return the receipt and code shown."""
        self.session = requests.Session()
        self.session.cookies.update(written.cookies)
        files = {"attachments": written.file} if written.file else None
        answer = self.ask("POST", "/write/", data=written.form, files=files)
        return tuple(FIGURE.findall(answer.text)[:2])

    def follow(self, written):
        """Tell whether receipt and code open the letter."""
        self.session = requests.Session()
        form = hidden(self.ask("GET", "/follow/").text)
        form |= {"receipt": written.receipt, "code": written.code}
        return self.ask("POST", "/follow/", data=form).url.endswith("/follow/case/")


class Office:
    """Officers who take letters along WALK, each step by whoever has the right."""

    def __init__(self, house, diary):
        self.house, self.diary = house, diary
        self.officers = {}

    def handle(self, receipt, stop):
        """Take one letter along its way, as far as it comes before the end."""
        for username, action, said in WALK:
            form = None
            while not stop.is_set():
                try:
                    visitor = self.officers.get(username) or self._sign_in(username)
                    form = form or self._form(visitor, receipt, action)
                    if form is None:  # the page shows that it was taken, though no answer came
                        break
                    # Who has signed in anew sends the same form: the page gets the token of now.
                    form |= {**said, "csrfmiddlewaretoken": visitor.token}
                    if self._taken(visitor, receipt, action, form):
                        break
                    form = None
                except Failed:  # the same form is sent again, as a browser's reload does
                    time.sleep(PAUSE)
            if stop.is_set():
                return
        self.diary.note("handled", receipt)

    def _form(self, visitor, receipt, action):
        """Return the hidden values of a step's form, or None if the letter's page offers it no more."""
        page = visitor.ask("GET", f"/desk/{receipt}/")
        is_there = page.status_code == 200 and "/login/" not in page.url
        if is_there and f"/desk/{receipt}/{action}/" not in page.text:
            return None
        return hidden(page.text)

    def _taken(self, visitor, receipt, action, form):
        answer = visitor.ask("POST", f"/desk/{receipt}/{action}/", data=form)
        if answer.status_code == 200 and "/login/" not in answer.url:
            self.diary.note("steps", receipt, action)
            return True
        if "/login/" in answer.url:
            self.officers.clear()
        self.diary.note("refused", f"{action}: {answer.status_code} at {answer.url}")
        time.sleep(PAUSE)
        return False

    def _sign_in(self, username):
        visitor = Visitor(self.house, self.diary, "officer")
        form = hidden(visitor.ask("GET", "/admin/login/?next=/desk/").text)
        form |= {"username": username, "password": PASSWORD}
        answer = visitor.ask("POST", "/admin/login/?next=/desk/", data=form)
        if "/login/" in answer.url:
            raise Failed("not signed in")
        visitor.token = hidden(answer.text)["csrfmiddlewaretoken"]
        self.officers[username] = visitor
        return visitor


class Traffic:
    """Everyone at once, each in a thread, until it is stopped."""

    def __init__(self, house, diary, file, citizens=2, offices=2):
        self.house, self.diary, self.file = house, diary, file
        self.stop, self.waiting, self.offices = threading.Event(), [], []
        works = [self._citizen] * citizens + [self._office] * offices + [self._monitor]
        self.threads = [threading.Thread(target=work, daemon=True) for work in works]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def sign_out(self):
        """Let every officer sign in anew before the next step, which then meets the fault too."""
        for office in self.offices:
            office.officers.clear()

    def _citizen(self):
        citizen = Citizen(self.house, self.diary, self.file)
        while not self.stop.is_set():
            written = citizen.write(self.stop)
            if written:
                self.waiting.append(written.receipt)
            self.stop.wait(PAUSE)

    def _office(self):
        office = Office(self.house, self.diary)
        self.offices.append(office)
        while not self.stop.is_set():
            try:
                receipt = self.waiting.pop(0)
            except IndexError:
                self.stop.wait(PAUSE)
                continue
            office.handle(receipt, self.stop)

    def _monitor(self):
        """Ask the health page every second, as a monitor does."""
        while not self.stop.wait(1):
            try:
                answer = requests.get(f"{self.house.address}/health", timeout=TIMEOUT)
                unwell = [name for name, word in answer.json().items() if word != "ok"]
            except (requests.RequestException, ValueError):
                unwell = ["silent"]
            self.diary.note("health", now(), " ".join(unwell))
