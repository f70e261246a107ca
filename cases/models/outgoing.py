from django.db import models
from django.utils.translation import gettext_lazy as _


class Outgoing(models.Model):
    """A message as a row: pending → sent, or → failed; cases/outbox.py moves it on. none: not needed."""

    PENDING, SENT, FAILED, NONE = "pending", "sent", "failed", "none"
    STATUSES = (
        (PENDING, _("待发送")),
        (SENT, _("已发送")),
        (FAILED, _("发送失败")),
        (NONE, _("无需发送")),
    )

    status = models.CharField(_("状态"), max_length=8, choices=STATUSES)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    # A pending one is not touched before this: a claim, or the pause after a failure.
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    # The class of the error and a server's number; never its text, which may name an address.
    error = models.CharField(_("错误"), max_length=80, blank=True)

    class Meta:
        abstract = True


def found_by_status(status, field, name):
    """Return an index of the few messages that stand so, by a field."""
    return models.Index(fields=[field], name=name, condition=models.Q(status=status))
