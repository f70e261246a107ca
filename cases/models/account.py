from django.db import models
from django.utils.translation import gettext_lazy as _

from .outgoing import Outgoing, found_by_status


class AccountNotice(Outgoing):
    """That an officer is told, at one address, of one change of how they sign in. Stands in `public`."""

    PASSWORD, TEMPORARY, UNUSABLE = "password", "temporary", "unusable"
    BOUND, UNBOUND, CODES = "bound", "unbound", "codes"
    LEFT, CAME = "left", "came"
    CHANGES = (
        (PASSWORD, _("密码已修改")),
        (TEMPORARY, _("管理员设置了临时密码")),
        (UNUSABLE, _("管理员停用了密码登录")),
        (BOUND, _("绑定了动态口令设备")),
        (UNBOUND, _("解除了动态口令设备，备用码作废")),
        (CODES, _("重新生成了备用码，原来的作废")),
        (LEFT, _("电子邮箱已改，今后的邮件不再发到这里")),
        (CAME, _("电子邮箱改为本邮箱")),
    )

    officer = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")
    change = models.CharField(max_length=10, choices=CHANGES)
    at = models.DateTimeField()
    # Where it goes: the officer's address then, which need not be theirs now. Emptied once it went.
    address = models.EmailField(blank=True)

    class Meta:
        verbose_name = _("账号变动通知")
        verbose_name_plural = _("账号变动通知")
        indexes = [found_by_status("pending", "next_at", "account_pending")]

    def __str__(self):
        return f"{self.officer_id} {self.change} {self.status}"
