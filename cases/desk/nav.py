"""Where an officer may go: what is used all day, and the rest behind one word.

The apps above add theirs to LINKS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _

from cases import mentions, own_data


@dataclass(frozen=True)
class Link:
    """A page: the name of its address, and its label; the page itself says what it needs.

    often: used all day, so seen at once. count: of the user, shown beside the label if not 0.
    live: the name of the number that counts.py keeps fresh beside it.
    """

    name: str
    label: str
    often: bool = True
    count: Callable = lambda user: 0
    live: str = ""


@cache
def page_of(name):
    """Return the view behind the name of an address."""
    return resolve(reverse(name)).func


def _unread(user):
    return mentions.unread(user).count()


def _requests(user):
    return len(own_data.requests_for(user))


LINKS = [
    Link("desk:list", _("我的桌面"), live="waiting"),
    Link("desk:triage", _("逐件处理")),
    Link("desk:leading", _("领导"), live="reports"),
    Link("desk:mentions", _("提醒"), count=_unread),
    Link("desk:supervision", _("督办")),
    Link("desk:enter", _("代录来信")),
    Link("desk:incidents", _("办信成效")),
    Link("desk:overview", _("统计")),
    Link("desk:duty", _("值班"), often=False),
    Link("desk:hand-over", _("移交"), often=False),
    Link("desk:policy", _("时限与规则"), often=False),
    Link("desk:publishing", _("公开答复"), often=False),
    Link("desk:own-data", _("个人资料申请"), often=False, count=_requests),
    Link("desk:undelivered", _("未送达"), often=False, live="undelivered"),
    Link("desk:audit", _("身份查看记录"), often=False),
]


@dataclass(frozen=True)
class Shown:
    """A link that this officer may follow."""

    link: Link
    to: str
    count: int
    here: bool


def among(user, names):
    """Return the links of these names that this officer may follow."""
    return [link for link in LINKS if link.name in names and page_of(link.name).needs.may(user)]


def shown(user, path):
    """Return the links of an officer as {"often": …, "more": …, "here": whether the page is in more}.

    path: of the page that shows them.
    """
    found = {"often": [], "more": []}
    for link in LINKS:
        if page_of(link.name).needs.may(user):
            to = reverse(link.name)
            row = Shown(link, to, link.count(user), path == to)
            found["often" if link.often else "more"].append(row)
    return {**found, "here": any(row.here for row in found["more"])}
