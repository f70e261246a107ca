"""What tasks of the workers failed at, for administrators."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trouble(models.Model):
    """A task, or one row that a task works at, that failed and has not gone well since.

    Stands in `public`: it is about the site's work. error: the kind and the place of the fault, never
    its words, which may hold what somebody wrote.
    """

    task = models.CharField(_("任务"), max_length=100)
    # The row that it failed at; 0 for the task as a whole.
    key = models.BigIntegerField(_("对象编号"), default=0)
    attempts = models.PositiveIntegerField(_("出错次数"), default=0)
    error = models.CharField(_("错误"), max_length=200)
    first_at = models.DateTimeField(_("第一次"))
    last_at = models.DateTimeField(_("最近一次"))
    # Left alone until an administrator lets it be tried again.
    given_up = models.BooleanField(_("已放弃"), default=False)

    class Meta:
        verbose_name = _("任务故障")
        verbose_name_plural = _("任务故障")
        constraints = [models.UniqueConstraint(fields=["task", "key"], name="trouble_once")]

    def __str__(self):
        return f"{self.task} {self.key}"
