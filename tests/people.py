"""The cast of the tests: units, officers by role, and letters in any state.

make_case walks the table through intake and perform, so that no test has an impossible log.
"""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission

from cases import actors, units
from cases.intake import Submission, intake
from cases.models import Case, Officer, Unit
from cases.transitions import State
from cases.workflow import perform

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)  # a Monday
PERSON = {
    "name": "测试来信人",
    "phone": "19500000000",
    "id_type": "id_card",
    "id_number": "110101200002290018",
    "email": "writer@example.com",
}


PASSWORD = "a long password for tests"
_hashed = cache(make_password)  # half a second each time, by design


def build_units():
    """Write all units of the province; return {code: Unit}."""
    made = {}
    for row in units.rows():
        made[row["code"]] = Unit.objects.create(**{**row, "parent": made.get(row["parent"])})
    return made


def build_groups():
    """Write the groups of roles.json with their permissions."""
    for role in units.roles():
        group = Group.objects.create(name=role["name"])
        group.permissions.set(Permission.objects.filter(codename__in=role["permissions"]))


def build_officer(*permissions, unit="440300", username=None, **fields):
    """Return an officer of a unit with just these permissions of the workflow."""
    count = Officer.objects.count()
    officer = Officer.objects.create(
        username=username or f"officer{count}",
        password=_hashed(PASSWORD),
        unit=Unit.objects.get(code=unit),
        first_name=f"民警{count}",
        is_staff=True,
        **fields,
    )
    officer.user_permissions.set(
        Permission.objects.filter(codename__in=permissions, content_type__app_label="cases")
    )
    return Officer.objects.get(pk=officer.pk)  # without the cache of permissions


def submission(**changes):
    """Return a letter as a citizen of Shenzhen might send it."""
    fields = {
        "mailbox": "440300",
        "kind": "help",
        "category": "traffic",
        "title": "小区门口红绿灯损坏",
        "body": "小区门口的红绿灯坏了一个星期，孩子上学过马路很危险，请尽快维修。",
        "place": "福田区某路口",
        "person": PERSON,
    }
    return Submission(**{**fields, **changes})


# How each state is reached: (action, role, fields) after the letter is received.
_SIGNED = (("accept", {}), ("dispatch", {"unit": "440304"}), ("sign", {}))
_ANSWERED = (
    *_SIGNED,
    ("contact", {"how": "phone", "reached": True}),
    ("feedback", {"text": "已派人到现场查看。"}),
    ("record_result", {"result": "done"}),
    ("propose_reply", {"text": "红绿灯已修好，感谢您的来信。"}),
)
WALKS = {
    State.RECEIVED: (),
    State.ACCEPTED: _SIGNED[:1],
    State.DISPATCHED: _SIGNED[:2],
    State.IN_HAND: _SIGNED,
    State.AWAITING_CITIZEN: (*_SIGNED, ("ask_citizen", {"text": "请说明具体路口。"})),
    State.IN_REVIEW: _ANSWERED,
    State.REPLIED: (*_ANSWERED, ("approve_reply", {})),
    State.CLOSED: (*_ANSWERED, ("approve_reply", {}), ("close", {})),
    State.DECLINED: (("decline", {"decline_reason": "not_ours", "elsewhere": "12345"}),),
    State.TRANSFERRED_OUT: (
        ("accept", {}),
        ("transfer_out", {"elsewhere": "12345", "text": "请联系12345。"}),
    ),
    State.WITHDRAWN: (("withdraw", {}),),
}
_BY_CITIZEN = ("withdraw", "close", "supply")


class Cast:
    """Two officers who hold every right in Shenzhen (two, since nobody reviews their own reply)."""

    def __init__(self):
        from cases.transitions import PERMISSIONS

        rights = [codename for codename, _label in PERMISSIONS]
        self.writer = build_officer(*rights, unit="440300", username="all-rights")
        self.reviewer = build_officer(*rights, unit="440300", username="reviewer")

    def make_case(self, state=State.RECEIVED, *, at=MORNING, **changes):
        """Return a case in this state, made through the workflow."""
        if state == State.MERGED:
            main = self.make_case(at=at)
            return self.merge_into(main, self.make_case(at=at, **changes), at)
        receipt = intake(submission(**changes), actor=actors.citizen(None), at=at)
        for action, fields in WALKS[state]:
            self.step(receipt.case_id, action, at=at, **fields)
        return Case.objects.get(pk=receipt.case_id)

    def merge_into(self, main, case, at=MORNING):
        """Merge a case into a main one, and return it."""
        self.step(case.pk, "merge", at=at, into=main.letter.receipt)
        return Case.objects.get(pk=case.pk)

    def step(self, case_id, action, *, at=MORNING, **fields):
        """Take one step as whoever may."""
        who = self.reviewer if action == "approve_reply" else self.writer
        actor = actors.citizen(case_id) if action in _BY_CITIZEN else actors.officer(who)
        return perform(case_id, action, actor=actor, at=at, **fields)
