import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models import DataRequest, DomainModel, Event, Letter
from cases.models.outgoing import Outgoing, found_by_status


class Notice(Outgoing, DomainModel):
    """One mail or text message to the writer of one letter about one event, never a second one.

    Or about a request that was decided: what is kept of a writer leaves no event.

    none: there is no address, or no notice is wanted; kept so that the search for new events stays
    short.
    """

    MAIL, SMS = "mail", "sms"
    CHANNELS = ((MAIL, _("电子邮件")), (SMS, _("短信")))

    event = models.ForeignKey(
        Event, models.PROTECT, null=True, related_name="notices", db_index=False
    )
    request = models.ForeignKey(
        DataRequest, models.PROTECT, null=True, related_name="notices", db_index=False
    )
    # Of whom is told: the event's own letter, or one that is merged into it.
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=4, choices=CHANNELS)
    created_at = models.DateTimeField(_("创建时间"))

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        constraints = [
            models.UniqueConstraint(fields=["event", "letter", "channel"], name="notice_once"),
            models.UniqueConstraint(fields=["request", "channel"], name="notice_of_request_once"),
            models.CheckConstraint(
                condition=models.Q(event__isnull=False) ^ models.Q(request__isnull=False),
                name="notice_of_one_thing",
            ),
        ]
        indexes = [
            found_by_status("pending", "next_at", "notice_pending"),
            found_by_status("sent", "letter", "notice_sent"),
            found_by_status("failed", "letter", "notice_failed"),
        ]

    def __str__(self):
        return f"{self.pk} {self.status}"


class NoticeChoice(DomainModel):
    """By which ways the writer of a letter wants to be told of news; without one, ways.py decides."""

    letter = models.OneToOneField(
        Letter, models.PROTECT, primary_key=True, related_name="notice_choice"
    )
    mail = models.BooleanField()
    sms = models.BooleanField()

    class Meta:
        verbose_name = _("通知方式")
        verbose_name_plural = _("通知方式")


class PhoneCheck(models.Model):
    """A code sent to a telephone to prove whose it is; deleted after a day.

    Stands in `public`: it is about visitors, not about letters.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Under each key that there was, with spaces.
    phone_indexes = models.TextField()
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
