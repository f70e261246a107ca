from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cases.fields import CATEGORIES, KINDS, LEVELS, RESULTS
from cases.transitions import IN_OFFICE, STATES, State

from .base import DomainModel

# When the office is due; NULL where it waits for nobody in the office. Not by IN, which PostgreSQL
# words otherwise once it makes a run's index from the words of the live one.
_WITH_US = reduce(or_, (models.Q(state=str(state)) for state in IN_OFFICE))
OURS_DUE = models.Case(models.When(_WITH_US, then=F("next_due_at")))


class Case(DomainModel):
    """How a letter is handled: a cache of what its events say, and nothing personal.

    Every column but the key is written by cases/replay.py, from the letter,
    its events and the policy; `check_log` compares them.
    """

    letter = models.OneToOneField("cases.Letter", models.PROTECT, primary_key=True)
    state = models.CharField(
        _("状态"), max_length=20, choices=[(s.value, info.label) for s, info in STATES.items()]
    )
    kind = models.CharField(_("信件类别"), max_length=12, choices=KINDS)
    category = models.CharField(_("业务类别"), max_length=16, choices=CATEGORIES)
    mailbox = models.ForeignKey(
        "cases.Unit", models.PROTECT, related_name="+", verbose_name=_("信箱")
    )
    unit = models.ForeignKey("cases.Unit", models.PROTECT, related_name="+", verbose_name=_("单位"))
    officer = models.ForeignKey(
        "cases.Officer", models.PROTECT, null=True, related_name="+", verbose_name=_("承办人")
    )
    accused_unit = models.ForeignKey(
        "cases.Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("被反映单位")
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    urgent = models.BooleanField(_("紧急"), default=False)
    received_at = models.DateTimeField(_("来信时间"))
    # When the running clocks began: the sending, a reconsideration or a reopening.
    episode_at = models.DateTimeField()
    seq = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()
    returns = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    hops = models.PositiveSmallIntegerField(_("流转次数"), default=0)
    reopened = models.PositiveSmallIntegerField(_("重办次数"), default=0)
    # [[from, to], …] in ISO 8601: spans in which the citizen was asked; the last may be open.
    pauses = models.JSONField(default=list)
    extended_days = models.PositiveSmallIntegerField(_("延期天数"), default=0)

    accept_due_at = models.DateTimeField(null=True)
    sign_due_at = models.DateTimeField(null=True)
    contact_due_at = models.DateTimeField(null=True)
    feedback_due_at = models.DateTimeField(null=True)
    reply_due_at = models.DateTimeField(_("答复期限"), null=True)
    legal_due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)

    accepted_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    feedback_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    rated_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    next_clock = models.CharField(max_length=10, blank=True)
    next_due_at = models.DateTimeField(_("下一期限"), null=True)
    # When the deadline scan has to look at this case again.
    scan_at = models.DateTimeField(null=True)
    pressure = models.PositiveSmallIntegerField(default=0)
    supervision = models.CharField(_("督办"), max_length=8, blank=True, choices=LEVELS)

    result = models.CharField(_("办理结果"), max_length=12, blank=True, choices=RESULTS)
    satisfied = models.BooleanField(_("满意"), null=True)
    solved_said = models.BooleanField(_("来信人称已解决"), null=True)

    class Meta:
        verbose_name = _("信件办理")
        verbose_name_plural = _("信件办理")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[s.value for s in State]), name="case_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["state", "next_due_at"], name="case_desk"),
            models.Index(fields=["unit", "state", "next_due_at"], name="case_unit"),
            # For lists in these orders, whose first page must not sort a whole year.
            models.Index(OURS_DUE.asc(nulls_last=True), F("letter").desc(), name="case_due"),
            models.Index(fields=["-returns", "-letter"], name="case_returns"),
            models.Index(
                fields=["scan_at"], name="case_scan", condition=models.Q(scan_at__isnull=False)
            ),
        ]

    def __str__(self):
        return str(self.pk)
