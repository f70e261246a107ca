import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import DomainModel, Event


class Notice(DomainModel):
    """One mail about one event: its key is the event's, so there is never a second one.

    pending → sent, or → failed after MAX_ATTEMPTS (mailbox/notices.py). none: the writer
    gave no address; kept so that the search for new events stays short.
    """

    PENDING, SENT, FAILED, NONE = "pending", "sent", "failed", "none"
    STATUSES = (
        (PENDING, _("待发送")),
        (SENT, _("已发送")),
        (FAILED, _("发送失败")),
        (NONE, _("未留邮箱")),
    )

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True)
    status = models.CharField(_("状态"), max_length=8, choices=STATUSES)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    # A pending notice is not touched before this: a claim, or the pause after a failure.
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(_("发送时间"), null=True)
    # The class of the error and a server's number; never its text, which names the address.
    error = models.CharField(_("错误"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("创建时间"))

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        indexes = [
            models.Index(
                fields=["next_at"], name="notice_pending", condition=models.Q(status="pending")
            )
        ]

    def __str__(self):
        return f"{self.pk} {self.status}"


class PhoneCheck(models.Model):
    """A code sent to a telephone to prove whose it is; deleted after a day.

    Stands in `public`: it is about visitors, not about letters.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone_index = models.CharField(max_length=64)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("手机验证")
        verbose_name_plural = _("手机验证")

    def __str__(self):
        return str(self.pk)


class Unsent(models.Model):
    """A letter that is still being written, sealed as a whole; see mailbox/unsent.py.

    Stands in `public`: no letter yet, and only live ones are written.
    """

    id = models.UUIDField(primary_key=True)
    key_id = models.CharField(max_length=32)
    sealed = models.BinaryField()
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("未寄出的信")
        verbose_name_plural = _("未寄出的信")

    def __str__(self):
        return str(self.pk)
