"""Officers who take one step on many letters at a time, and one who asks for a world to practise in."""

import re
from itertools import count

from tests.chaos.beside import beside
from tests.chaos.visitors import PAUSE, Failed, Office, hidden

_WHO, _MANY = "sz-desk", 5
_BATCH = re.compile(r"/desk/bulk/[0-9]+/$")
_AHEAD = {"checking": "on", "checked": "do", "doing": "on", "failed": "again"}


class Desk(Office):
    """Batches of notes on letters that wait, which the teams then leave alone."""

    numbers = count(1)

    def note(self, receipts, stop):
        """Note something on some letters by a batch, and see it through to its end."""
        text, place, stage = f"批量看过之{next(self.numbers)}", "", ""
        while not stop.is_set() and stage != "done":
            try:
                visitor = self.officers.get(_WHO) or self._sign_in(_WHO)
                token = hidden(visitor.ask("GET", "/desk/bulk/").text)
                if not place:
                    place = self._chosen(visitor, {**token, "text": text, "case": receipts})
                else:
                    stage = self._stage(visitor, place, _AHEAD.get(stage, "on"), token)
            except Failed:
                pass
            except ValueError:  # no JSON but the door: the session has ended
                self.officers.clear()
            stop.wait(PAUSE)
        if stage == "done":
            self.diary.note("batches", text, receipts)

    def _chosen(self, visitor, said):
        said = {"which": "picked", "action": "note", "said": "1", **said}
        answer = visitor.ask("POST", "/desk/bulk/", data=said)
        if "/login/" in answer.url:
            self.officers.clear()
        found = _BATCH.search(answer.url)
        return found[0] if found else ""

    def _stage(self, visitor, place, do, token):
        wanted = {"Accept": "application/json"}
        return visitor.ask("POST", f"{place}{do}/", data=token, headers=wanted).json()["stage"]

    def practise(self, stop):
        """Ask for a world to practise in, until the page says that it is being made."""
        said = {"day": "2021-11-02", "letters": "100"}
        while not stop.is_set():
            try:
                visitor = self.officers.get(_WHO) or self._sign_in(_WHO)
                token = hidden(visitor.ask("GET", "/desk/practice/").text)
                answer = visitor.ask("POST", "/desk/practice/", data={**token, **said})
                if answer.status_code == 200 and "practice-world" in answer.text:
                    self.diary.note("practice", _WHO)
                    return
            except Failed:
                pass
            stop.wait(PAUSE)


def working(house, diary, traffic):
    """Return a block beside which batch after batch is taken."""
    desk = Desk(house, diary)
    traffic.offices.append(desk)
    return beside(_work, desk, traffic)


def _work(desk, traffic, stop):
    desk.practise(stop)
    while not stop.is_set():
        if len(traffic.waiting) > _MANY:
            desk.note([traffic.waiting.pop() for _letter in range(_MANY)], stop)
        stop.wait(PAUSE)
