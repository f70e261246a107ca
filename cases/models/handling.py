from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases import filling
from cases.fields import KINDS
from cases.transitions import TRANSITIONS

from .base import DomainModel


class Draft(DomainModel):
    """What an officer has typed for a step of a case and not sent yet; one per step.

    typed: {field: what stands in it}. seq: of the case as the officer's page showed it.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="drafts")
    officer = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")
    action = models.CharField(max_length=20)
    typed = models.JSONField(default=dict)
    seq = models.PositiveIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("草稿")
        verbose_name_plural = _("草稿")
        constraints = [
            models.UniqueConstraint(fields=["officer", "case", "action"], name="draft_once")
        ]


class Mention(DomainModel):
    """An officer named by @ in an internal note; read_at is empty until they say they have read it."""

    event = models.ForeignKey("cases.Event", models.PROTECT, related_name="mentions")
    officer = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+", db_index=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("提醒")
        verbose_name_plural = _("提醒")
        constraints = [models.UniqueConstraint(fields=["officer", "event"], name="mention_once")]


def texts_that_citizens_read():
    """Return (action, label) of the officers' steps for which there may be reply templates."""
    return [(name, TRANSITIONS[name].label) for name in filling.ACTIONS]


class ReplyTemplate(models.Model):
    """A text to begin with (答复模板): for one step, one kind or all, one unit and those below or all."""

    name = models.CharField(_("名称"), max_length=40)
    action = models.CharField(
        _("用于"), max_length=20, choices=texts_that_citizens_read, default="propose_reply"
    )
    kind = models.CharField(
        _("信件类别"), max_length=12, choices=KINDS, blank=True, help_text=_("不选则各类都可用。")
    )
    unit = models.ForeignKey(
        "cases.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("单位"),
        help_text=_("这个单位及其下级可用；不选则全部可用。"),
    )
    body = models.TextField(_("内容"), max_length=3000)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("答复模板")
        verbose_name_plural = _("答复模板")
        ordering = ["action", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "unit"], name="reply_template_name", nulls_distinct=False
            )
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """Refuse a field that no letter has."""
        unknown = filling.unknown_fields(self.body)
        if unknown:
            message = _("没有这些字段：%(unknown)s。可用的有：%(known)s。")
            known = "".join(f"{{{name}}}" for name in filling.NAMES)
            raise ValidationError({"body": message % {"unknown": "".join(unknown), "known": known}})
