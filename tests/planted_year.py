"""A year as it goes: its clock, its officers, its writers' letters, and what the tasks do in it."""

import re
from datetime import datetime
from importlib import import_module

from cases import worlds
from cases.models import Case
from cases.transitions import PERMISSIONS
from config.celery import EVERY, app
from tests.citizens import typed
from tests.people import SHANGHAI, build_officer
from tests.planted import Visitor, person, place
from tests.planted_steps import BODY, HANDLER, WORDS

for name in ("cases", "mailbox", "simulation"):  # what beat names is known then
    import_module(f"{name}.tasks")


class Year:
    """The year as it goes: its clock, its officers, and each letter's case by its writer's number.

    look: called once a month, and where something stands that soon is gone.
    """

    def __init__(self, monkeypatch, settings, cast, look):
        self.patch, self.settings, self.cast = monkeypatch, settings, cast
        self.officers, self.letters, self.told = {}, {}, {}
        self.look = look
        rights = [codename for codename, _label in PERMISSIONS]
        self.handler, self.other = (
            build_officer(*rights, unit=HANDLER, username=name, email=f"{name}@example.com")
            for name in ("handler", "other")
        )
        self.chief = build_officer(*rights, unit="440000", is_superuser=True)
        self.to(1)

    def to(self, month, day=12, hour=10, tasks=EVERY):
        """Go on to a morning; what beat would send is sent, and done as a worker does it."""
        moment = datetime(2026, month, day, hour, tzinfo=SHANGHAI)
        self.patch.setattr(worlds, "now", lambda: moment)
        self.officers.clear()  # their sessions are over
        self.beat(tasks)

    def beat(self, tasks=EVERY):
        for task in tasks:
            app.send_task(task)
            app.tasks[task].apply()

    def officer(self, who=None):
        """Return the browser of an officer who is signed in."""
        who = who or self.cast.writer
        if who.pk not in self.officers:
            self.officers[who.pk] = Visitor()
            self.officers[who.pk].force_login(who)
        return self.officers[who.pk]

    def keep(self, number, answer):
        """Remember the case of the letter that a page's receipt is of."""
        receipt = re.search(r"PA-\w{4}-\w{4}-\w\w", answer.text)
        assert receipt, answer.text
        self.letters[number] = Case.objects.get(letter__receipt=receipt[0]).pk
        return self.case(number)

    def case(self, number):
        return Case.objects.select_related("letter").get(pk=self.letters[number])

    def walk(self, number, steps):
        """Take steps as officers do."""
        for action, fields in steps:
            case = self.case(number)
            who = self.cast.reviewer if action in ("approve_reply", "extend") else self.cast.writer
            address = f"/desk/{case.letter.receipt}/{action}/"
            said = self.officer(who).post(address, {"seen": case.seq, **fields})
            assert said.status_code == 302, (action, said.context and said.context["refusal"])

    def write(self, number, client=None, who=(), **changes):
        """Send a letter with the form on one page; return its writer's browser, with the letter open."""
        client = client or Visitor(REMOTE_ADDR=place(number))
        self.told[number] = person(number, *who)
        letter = {"title": f"第{number}路口红绿灯损坏", "body": BODY, **self.told[number]}
        said = typed(**{**letter, **changes})
        answer = client.post("/write/", {**said, "named_seen": "1"}, follow=True)
        return self.open(number, client, answer)

    def open(self, number, client, answer):
        """Look the letter up by the numbers that the receipt's page shows."""
        case = self.keep(number, answer)
        code = re.search(r"\d{4} ?\d{4}", re.findall(r'class="figure">([^<]+)<', answer.text)[1])[0]
        asked = {"receipt": case.letter.receipt, "code": code}
        assert client.post("/follow/", asked).url == "/follow/case/"
        return client

    def by_writer(self, client, action, **fields):
        if "text" in fields:
            fields["text"] += WORDS
        said = client.post(f"/follow/case/{action}/", fields, follow=True)
        assert said.status_code == 200 and said.redirect_chain, (action, said.text)


def pass_by(year, parts):
    """Let the whole year happen, one part a month; look around after each."""
    for month, part in enumerate(parts, 1):
        year.to(month)
        part(year)
        year.look()
    year.to(12, day=28)
