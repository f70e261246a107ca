"""Where an officer is signed in: each session with its time, place and browser, and how to end it.

A page names a session by a mark made from its key, never by the key, which would open it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import auth, messages
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from cases import browsers, worlds
from cases.calendars import SHANGHAI
from cases.desk.pages import officer_page, show
from cases.desk.rights import SIGNED_IN
from cases.desk.second_factor_pages import record
from cases.desk.sessions import SESSION_KEY, seconds_left
from cases.models import Session

OTHERS = "others"


@dataclass(frozen=True)
class SignedIn:
    """One session, as the page shows it. place: where it began; last: where it was seen, if elsewhere."""

    row: Session
    mark: str
    is_this: bool
    began: datetime
    seen: datetime
    place: str
    last: str
    browser: str


def sessions_of(officer, this=None):
    """Return an officer's sessions that are open, this one first, then the newest.

    this: the key of the session that asks.
    """
    now = worlds.now()
    rows = Session.objects.filter(officer=officer, expire_date__gt=now)
    found = [_shown(row, held, this) for row in rows if (held := _held(row, officer, now))]
    return sorted(found, key=lambda one: (one.is_this, one.seen), reverse=True)


def _held(row, officer, now):
    """Return what a session holds of its limits, or None if it would open nothing any more."""
    data = row.get_decoded()
    limits, proof = data.get(SESSION_KEY), data.get(auth.HASH_SESSION_KEY, "")
    is_open = limits and constant_time_compare(proof, officer.get_session_auth_hash())
    return limits if is_open and seconds_left(limits, now) > 0 else None


def _shown(row, limits, this):
    began, seen = (datetime.fromtimestamp(limits[name], SHANGHAI) for name in ("began", "seen"))
    place, last = limits.get("from", ""), limits.get("last", "")
    return SignedIn(
        row=row,
        mark=salted_hmac("mark of a session", row.pk).hexdigest()[:16],
        is_this=row.pk == this,
        began=began,
        seen=seen,
        place=place,
        last=last if last != place else "",
        browser=browsers.words(limits.get("browser")),
    )


@officer_page("GET", "POST", needs=SIGNED_IN)
def own(request):
    """Show an officer where they are signed in; end one session or all others, once that is confirmed."""
    rows = sessions_of(request.user, request.session.session_key)
    context = {"title": _("我的登录"), "rows": rows, "others": len(rows) - 1}
    if request.method == "GET":
        return show(request, "desk/own_sessions.html", context)
    asked = request.POST.get("end", "")
    chosen = [one for one in rows if not one.is_this and asked in (OTHERS, one.mark)]
    if not chosen:
        messages.warning(request, _("没有要结束的登录：可能已经结束了。"))
    elif "sure" not in request.POST:
        context = {"title": _("结束登录"), "rows": chosen, "asked": asked}
        return show(request, "desk/end_sessions.html", context)
    else:
        _end(request, asked, chosen)
    return redirect("sessions-own")


def _end(request, asked, chosen):
    """End what was chosen, and keep in the officer's history that it was."""
    officer = request.user
    if asked == OTHERS:
        officer.end_sessions()  # also those that began since the page was made
        auth.update_session_auth_hash(request, officer)
    Session.objects.filter(pk__in=[one.row.pk for one in chosen], officer=officer).delete()
    words = _("结束了自己的%(n)s个登录。") % {"n": len(chosen)}
    record(officer, officer, words)
    messages.success(request, _("已结束%(n)s个登录。") % {"n": len(chosen)})
