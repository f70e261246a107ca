from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel
from .outgoing import Outgoing, found_by_status


class Duty(models.Model):
    """A span in which an officer is on duty at a unit. Spans may overlap; stands in `public`."""

    unit = models.ForeignKey("cases.Unit", models.PROTECT, verbose_name=_("单位"))
    officer = models.ForeignKey("cases.Officer", models.PROTECT, verbose_name=_("值班民警"))
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))

    class Meta:
        verbose_name = _("值班")
        verbose_name_plural = _("值班")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "officer", "starts_at"], name="duty_once"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="duty_ends_later"
            ),
        ]
        indexes = [models.Index(fields=["unit", "ends_at"], name="duty_of_unit")]

    def __str__(self):
        return f"{self.unit_id} {self.starts_at}"


class DutyNotice(Outgoing, DomainModel):
    """That an officer is told of one event after which a letter waits: once each way.

    A row without an officer stands for an event of which nobody is told yet: as long as it is
    pending, nobody has been on duty. none: the officer gave no address, or nothing waits any more.
    """

    MAIL, SMS = "mail", "sms"
    WAYS = ((MAIL, _("邮件")), (SMS, _("短信")))

    event = models.ForeignKey("cases.Event", models.PROTECT, related_name="duty_notices")
    way = models.CharField(_("方式"), max_length=4, choices=WAYS, default=MAIL)
    officer = models.ForeignKey("cases.Officer", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("值班提醒")
        verbose_name_plural = _("值班提醒")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "officer", "way"], name="told_once", nulls_distinct=False
            )
        ]
        indexes = [
            found_by_status("pending", "next_at", "duty_pending"),
            models.Index(fields=["officer", "event"], name="duty_of_officer"),
            found_by_status("failed", "officer", "duty_failed"),
        ]

    def __str__(self):
        return f"{self.event_id} {self.officer_id} {self.way} {self.status}"


class DutyWarning(Outgoing):
    """That the leaders of a unit are warned on a day that nobody is on duty; once a day. In `public`."""

    unit = models.ForeignKey("cases.Unit", models.PROTECT, related_name="+")
    day = models.DateField()

    class Meta:
        verbose_name = _("无人值班提醒")
        verbose_name_plural = _("无人值班提醒")
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="warned_once_a_day")]

    def __str__(self):
        return f"{self.unit_id} {self.day}"
