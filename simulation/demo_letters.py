"""Some forty live letters for a first look, made through intake and perform like real ones.

They stand in every state, some late, one urgent, one of them the case of the founding text:
a letter for help, the leader's instruction, a meeting on line, an incident solved, a banner.
"""

from datetime import timedelta
from functools import cached_property

from cases import access, actors, worlds
from cases.calendars import SHANGHAI
from cases.intake import Submission, intake
from cases.models import Case, Letter, Officer
from cases.templates_text import render
from cases.transitions import BY_CITIZEN, BY_OFFICER, TRANSITIONS
from cases.workflow import perform
from mailbox.traditional import converted
from simulation import demo_answers, texts

SEED = 20210501
_FROM_HONG_KONG = 12  # every twelfth letter is in Traditional characters
_TO_UNIT = {"440300": "440304", "441300": "441323", "440000": "440300"}

_SIGNED = ("accept", "dispatch", "sign")
_HANDLED = (*_SIGNED, "contact", "feedback", "record_result", "propose_reply")
_REPLIED = (*_HANDLED, "approve_reply")
# The steps after receiving, a line a story; the letter rests where its line ends.
WALKS = (
    (),
    (),
    ("accept",),
    ("accept", "escalate"),
    ("accept", "dispatch"),
    ("accept", "dispatch", "sign", "return_to_desk"),
    _SIGNED,
    (*_SIGNED, "assign", "contact", "note"),
    (*_SIGNED, "contact", "feedback", "extend"),
    (*_SIGNED, "contact", "ask_citizen"),
    (*_SIGNED, "contact", "ask_citizen", "supply"),
    (*_HANDLED,),
    (*_HANDLED, "send_back_reply"),
    _REPLIED,
    (*_REPLIED, "rate", "thank"),
    (*_REPLIED, "reopen"),
    (*_REPLIED, "close"),
    (*_REPLIED, "call_back", "rate", "thank", "close"),
    ("decline",),
    ("decline", "reconsider"),
    ("accept", "transfer_out"),
    ("withdraw",),
)
_YANG = (
    "accept",
    "escalate",
    "instruct",
    "take_charge",
    "dispatch",
    "sign",
    "contact",
    "arrange_meeting",
    "feedback",
    "pass_clue",
    "meet",
    "decide_filing",
    "record_incident",
    "record_result",
    "propose_reply",
    "approve_reply",
    "rate",
    "thank",
    "close",
)
_FAULT = (
    *("accept", "dispatch", "sign", "contact", "feedback", "record_finding"),
    *("record_rectification", "record_result", "propose_reply", "approve_reply", "record_rule"),
)
_FAULT_LETTER = {
    "kind": "complaint",
    "category": "conduct",
    "title": "办证窗口让群众白跑三趟",
    "body": "办理居住证，窗口每次都说缺一样材料，一次没有说全，态度也不好，让我白跑了三趟。"
    "请核实并改进，把要带的材料一次告诉大家。",
}
_YANG_LETTER = {
    "kind": "help",
    "category": "criminal",
    "title": "七年前的伤人案请求再查",
    "body": "我的家人七年前在惠东被人打伤，案件一直没有结果。请求省厅过问，尽快抓到伤人者，"
    "还我们一个公道。我愿意随时配合调查。",
}
_KINDS = ("consult", "help", "complaint", "report", "suggestion", "help")
_CATEGORIES = ("traffic", "household", "noise", "fraud", "exit_entry", "public_order", "missing")


def make(now=None):
    """Make the letters, unless there are letters already; return how many were made.

    now: aware datetime, the newest letters' time. Needs the demo officers of `seed --demo`.
    """
    if Letter.objects.exists():
        return 0
    now = now or worlds.now()
    made = 0
    for number, walk in enumerate(WALKS * 2, start=1):
        box = ("440300", "441300", "440000")[number % 3]
        # The first of each is minutes old and in time, the second days old and often late.
        pace = timedelta(minutes=2) if number <= len(WALKS) else timedelta(hours=3)
        age = pace * (len(walk) + 1)
        if number > len(WALKS):
            age += timedelta(days=(number * 5) % 26)
        _Story(number, box, now - age, pace=pace).walk(walk)
        made += 1
    _Story(made + 1, "440000", now - timedelta(days=60), _YANG_LETTER, "441300").walk(_YANG)
    _Story(made + 2, "440300", now - timedelta(days=12), _FAULT_LETTER).walk(_FAULT)
    made += 2 + _merge_one(now, made + 3)
    demo_answers.publish(now)
    return made


def _merge_one(now, number):
    """Two letters about one matter: the second is merged into the first."""
    first = _Story(number, "440300", now - timedelta(days=2))
    first.walk(("accept",))
    second = _Story(number + 1, "440300", now - timedelta(days=1))
    second.step("merge", into=first.case.letter.receipt)
    return 2


class _Story:
    """One made-up letter and the people who handle it; each step a pace after the last."""

    def __init__(self, number, box, at, words=None, to=None, pace=timedelta(hours=3)):
        self.number, self.at, self.to = number, at, to or _TO_UNIT[box]
        self.pace = pace
        words = words or {}
        kind = words.get("kind", _KINDS[number % len(_KINDS)])
        category = words.get("category", _CATEGORIES[number % len(_CATEGORIES)])
        city = box if box != "440000" else self.to
        district = None if self.to == city else self.to  # the place fits the unit that handles it
        (title,), (body,), (place,) = texts.compose(
            SEED, [number], [kind], [category], [city], [district]
        )
        said = {"title": title, "body": body, "place": place, **words}
        said |= {"kind": kind, "category": category, "language": "zh-hans"}
        if number % _FROM_HONG_KONG == 1:
            written = {name: converted(said[name]) for name in ("title", "body", "place")}
            said |= written | {"language": "zh-hant"}
        submission = Submission(
            **said,
            mailbox=box,
            person={"name": f"示例{number}", "phone": f"195{number:08d}"},
            emergency=number == 2,
        )
        receipt = intake(submission, actor=actors.citizen(None), at=at)
        self.case_id = receipt.case_id

    @property
    def case(self):
        """The case as it stands now."""
        return Case.objects.select_related("letter", "unit", "mailbox").get(pk=self.case_id)

    def walk(self, actions):
        """Take these steps in order."""
        for action in actions:
            self.step(action)

    def step(self, action, **fields):
        """Take one step as whoever may; late enough for the timers, never in the future."""
        row, case = TRANSITIONS[action], self.case
        self.at = min(self.at + self.pace, worlds.now())
        actor = self._actor(case, row)
        perform(self.case_id, action, actor=actor, at=self.at, **{**self._fields(action), **fields})

    def _actor(self, case, row):
        if BY_CITIZEN in row.roles and row.action != "urge":
            return actors.citizen(self.case_id)
        if BY_OFFICER not in row.roles:
            return actors.system()
        return actors.officer(self._officer(case, row))

    def _officer(self, case, row):
        """Return an officer with the right who sees the case, the handling unit's first."""
        author = case.events.filter(action="propose_reply").values_list("user", flat=True)
        for officer in sorted(self._officers, key=lambda o: o.unit_id != case.unit_id):
            if row.action == "approve_reply" and officer.pk in author:
                continue
            may = officer.has_perm(f"cases.{row.permission}") and not officer.is_superuser
            if may and access.visible_cases(officer).filter(pk=case.pk).exists():
                return officer
        raise LookupError(f"no demo officer may {row.action} case {case.pk}")

    @cached_property
    def _officers(self):
        return list(Officer.objects.filter(is_active=True, unit__isnull=False))

    def _fields(self, action):
        case, number = self.case, self.number
        text = lambda code: render(code, variant=number, kind=case.kind, unit=case.unit.name)  # noqa: E731
        result = "done" if number % 3 else "explained"
        return {
            "dispatch": lambda: {"unit": self.to},
            "contact": lambda: {"how": "phone", "reached": True},
            "feedback": lambda: {"text": text(f"feedback.{case.kind}")},
            "note": lambda: {"text": text("note.visited")},
            "return_to_desk": lambda: {
                "return_reason": "not_our_area",
                "text": text("return.not_our_area"),
            },
            "ask_citizen": lambda: {"text": text(f"ask.{case.kind}")},
            "supply": lambda: {"text": "地点在小区北门，时间多在晚上十点以后。"},
            "extend": lambda: {"days": 5, "text": "需外地协查，延期五天。"},
            "assign": lambda: {"officer": self._officer_of(case)},
            "record_result": lambda: {"result": result},
            "propose_reply": lambda: {"text": text(f"reply.{case.result or 'explained'}")},
            "send_back_reply": lambda: {"text": text("send_back.unclear")},
            "rate": lambda: {"satisfied": True, "solved": case.result == "done"},
            "thank": lambda: {"form": "banner", "text": "人民卫士，为民解忧。"},
            "reopen": lambda: {"text": "问题过了两天又出现，请再处理。"},
            "call_back": lambda: {"reached": True},
            "decline": lambda: {"decline_reason": "not_ours", "elsewhere": "12345"},
            "reconsider": lambda: {"text": "此事属公安机关职责，请再考虑。"},
            "transfer_out": lambda: {"elsewhere": "12345", "text": text("transfer.12345")},
            "escalate": lambda: {"text": "涉及校园安全，报请领导阅示。"},
            "instruct": lambda: {"text": "请惠州市局抓紧核查，两周内报结果。"},
            "arrange_meeting": lambda: {"how": "online", "slot": self._slot()},
            "meet": lambda: {"how": "online"},
            "record_finding": lambda: {"finding": "true", "text": text("finding.record")},
            "record_rectification": lambda: {
                "by_date": (self.at + timedelta(days=15)).date().isoformat(),
                "text": text("rectification.plan"),
            },
            "record_rule": lambda: {
                "number": f"示例〔{self.at.year}〕规{number}号",
                "title": "窗口一次告知规定",
            },
            "pass_clue": lambda: {"review": "check"},
            "decide_filing": lambda: {
                "filing": "filed",
                "number": f"示例〔{self.at.year}〕{number}号",
            },
            "record_incident": lambda: {"number": f"示例〔{self.at.year}〕{number}号"},
        }.get(action, dict)()

    def _slot(self):
        """Return a time some hours ahead, as a form sends it."""
        return (self.at + timedelta(hours=4)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")

    def _officer_of(self, case):
        for officer in self._officers:
            if officer.unit_id == case.unit_id and officer.has_perm("cases.handle_case"):
                return officer
        raise LookupError(f"no handling officer in {case.unit}")
