"""Telling officers by mail that their password, second factor or address was changed.

Who has stolen an account changes these first. A row is written as the change is, wherever it is
made, and sent by the next run; a change of address is told at the old one and at the new one.
"""

from collections import defaultdict

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cases import outbox, worlds
from cases.models import AccountNotice, Officer


def note(officer, change, address=None):
    """Have an officer told of a change at their address, or at this one; from no world."""
    address = officer.email if address is None else address
    if not address or not worlds.current().live:
        return
    at = worlds.now()
    AccountNotice.objects.create(
        officer=officer,
        change=change,
        address=address,
        at=at,
        status=AccountNotice.PENDING,
        next_at=at,
    )


def note_changes(officer, fields=None):
    """Note what is about to be saved of an officer's password and address.

    fields: those that are saved; None for all.
    """
    names = [n for n in ("password", "email") if fields is None or n in fields]
    before = names and Officer.objects.filter(pk=officer.pk).values(*names).first()
    changed = {n: was for n, was in (before or {}).items() if was != getattr(officer, n)}
    if "password" in changed:
        _note_password(officer)
    if "email" in changed:
        note(officer, AccountNotice.LEFT, changed["email"])
        note(officer, AccountNotice.CAME)


def _note_password(officer):
    """Note a password that was set; not one that is only hashed anew, which Django does by itself."""
    if not officer.has_usable_password():
        note(officer, AccountNotice.UNUSABLE)
    elif officer._password is not None:
        temporary = officer.password_temporary
        note(officer, AccountNotice.TEMPORARY if temporary else AccountNotice.PASSWORD)


def tell(limit=200):
    """Send each address one mail about all that is due; return how many went. From no world."""
    if not worlds.current().live:
        return 0
    at, mine = worlds.now(), defaultdict(list)
    due = outbox.due(AccountNotice.objects.select_related("officer"), at)
    for notice in due.order_by("pk")[:limit]:
        mine[notice.officer, notice.address].append(notice)
    return sum(_send(*to, notices, at) for to, notices in mine.items())


def _send(officer, address, notices, at):
    claimed = [notice for notice in notices if outbox.claim(notice, at)]
    if not claimed:  # another run was first
        return 0
    kept = AccountNotice.objects.filter(pk__in=[notice.pk for notice in claimed])
    went = outbox.send(kept, lambda: _mail(officer, address, claimed).send())
    if went:
        kept.update(address="")
    return int(went)


def _mail(officer, address, notices):
    """Return the mail: what was changed and when, and what to do about it; nothing that opens anything."""
    with translation.override("zh-hans"):
        lines = [f"{localtime(n.at):%Y-%m-%d %H:%M}  {n.get_change_display()}" for n in notices]
        said = {"name": officer.username, "address": settings.SITE_URL + reverse("sessions-own")}
        body = (
            _("账号 %(name)s 有以下变动（北京时间）：") % said,
            "\n".join(lines),
            _("是您本人做的，或您请管理员做的，不用理会本邮件。"),
            _(
                "如果不是：请马上告诉系统管理员，由其结束您的所有登录并重设密码。还能登录的，先修改密码，"
                "再到“我的登录”结束其他登录：%(address)s"
            )
            % said,
            _("我们不会向您索要密码、动态口令或备用码。本邮件由系统发出，请勿回复。"),
        )
        subject = _("平安厅信箱：您的账号有变动")
    return outbox.mail(subject, body, [address])
