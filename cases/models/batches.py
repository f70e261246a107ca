from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel

# First every case is checked, then the officer decides, then it is done; or stopped on the way.
STAGES = (
    ("checking", _("正在检查")),
    ("checked", _("等您确认")),
    ("doing", _("正在办理")),
    ("done", _("已完成")),
    ("stopped", _("已停止")),
    ("failed", _("出错停下")),
)
OUTCOMES = (("", _("未处理")), ("ready", _("可以")), ("done", _("已完成")), ("refused", _("不能")))


class Batch(DomainModel):
    """One step to be taken on many cases by one officer (批量办理). cases/batches.py does it."""

    officer = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")
    action = models.CharField(_("动作"), max_length=20)
    # As typed: codes and numbers only. The free text stands apart and goes when the batch ends.
    fields = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    stage = models.CharField(_("进度"), max_length=10, choices=STAGES, default="checking")
    # {state: number} of the cases chosen from whose state the action does not lead.
    left_out = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("时间"))
    finished_at = models.DateTimeField(null=True)
    # Whoever works on it holds it until then; a killed worker's hold runs out.
    held_until = models.DateTimeField(null=True)
    # How often it has been given up for a fault of the program's, and the last one, in a word.
    attempts = models.PositiveSmallIntegerField(_("出错次数"), default=0)
    error = models.CharField(_("错误"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("批量办理")
        verbose_name_plural = _("批量办理")
        indexes = [
            models.Index(
                fields=["held_until"],
                name="batch_unfinished",
                condition=models.Q(stage="checking") | models.Q(stage="doing"),
            ),
            models.Index(fields=["officer"], name="batch_officer"),
        ]

    def __str__(self):
        return f"{self.pk} {self.action}"


class BatchItem(DomainModel):
    """One case of a batch: as it stood when it was chosen, and what became of it."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items", db_index=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", db_index=False)
    # The case's seq when it was chosen: if it has changed since, it is left alone.
    seen = models.PositiveIntegerField()
    outcome = models.CharField(_("结果"), max_length=8, blank=True, choices=OUTCOMES)
    message = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("批量办理的来信")
        verbose_name_plural = _("批量办理的来信")
        constraints = [models.UniqueConstraint(fields=["batch", "case"], name="batch_item_once")]
        indexes = [models.Index(fields=["batch", "outcome", "id"], name="batch_item_next")]

    def __str__(self):
        return f"{self.batch_id} {self.case_id}"
