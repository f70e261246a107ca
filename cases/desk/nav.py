"""Where an officer may go: what is used all day, and the rest behind one word.

The apps above add theirs to LINKS.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases import access, mentions, own_data


@dataclass(frozen=True)
class Link:
    """A page: the name of its address, its label, who may open it.

    often: used all day, so seen at once. count: of the user, shown beside the label if not 0.
    live: the name of the number that counts.py keeps fresh beside it.
    """

    name: str
    label: str
    may: Callable
    often: bool = True
    count: Callable = lambda user: 0
    live: str = ""


def having(*permissions):
    """Return the test of a user who has one of these permissions."""
    return lambda user: any(user.has_perm(f"cases.{name}") for name in permissions)


def _of_a_unit(user):
    return bool(user.unit) and (user.has_perm("cases.change_unit") or access.reads_letters(user))


def _unread(user):
    return mentions.unread(user).count()


def _settles_requests(user):
    return user.has_perm("cases.triage_case") and user.has_perm("cases.reveal_identity")


def _requests(user):
    return len(own_data.requests_for(user))


LINKS = [
    Link("desk:list", _("我的桌面"), lambda user: True, live="waiting"),
    Link("desk:triage", _("逐件处理"), having("triage_case", "dispatch_case")),
    Link("desk:leading", _("领导"), having("lead_case"), live="reports"),
    Link("desk:mentions", _("提醒"), access.reads_letters, count=_unread),
    Link("desk:supervision", _("督办"), having("supervise_case")),
    Link("desk:enter", _("代录来信"), having("enter_letter")),
    Link("desk:incidents", _("办信成效"), access.reads_letters),
    Link("desk:overview", _("统计"), having("view_statistics")),
    Link("desk:duty", _("值班"), _of_a_unit, often=False),
    Link("desk:hand-over", _("移交"), having("hand_over_case"), often=False),
    Link("desk:policy", _("时限与规则"), _of_a_unit, often=False),
    Link("desk:publishing", _("公开答复"), having("triage_case", "review_reply"), often=False),
    Link("desk:own-data", _("个人资料申请"), _settles_requests, often=False, count=_requests),
    Link("desk:audit", _("身份查看记录"), having("view_audit"), often=False),
]


@dataclass(frozen=True)
class Shown:
    """A link that this officer may follow."""

    link: Link
    to: str
    count: int
    here: bool


def shown(user, path):
    """Return the links of an officer as {"often": …, "more": …, "here": whether the page is in more}.

    path: of the page that shows them.
    """
    found = {"often": [], "more": []}
    for link in LINKS:
        if link.may(user):
            to = reverse(link.name)
            row = Shown(link, to, link.count(user), path == to)
            found["often" if link.often else "more"].append(row)
    return {**found, "here": any(row.here for row in found["more"])}
