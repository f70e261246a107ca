from django.db import models
from django.utils.translation import gettext_lazy as _


class Anchor(models.Model):
    """A fingerprint of the live event log, made once a day and kept elsewhere too; see cases/anchors.py.

    Stands in `public`. Covers the events after the anchor before it, up to last_event (a key), and
    by `digest`, which goes on from that of the anchor before it, all that were written earlier.
    """

    day = models.DateField(_("日期"), unique=True)
    at = models.DateTimeField(_("时间"))
    last_event = models.BigIntegerField()
    events = models.PositiveBigIntegerField(_("新增记录数"))
    digest = models.CharField(_("指纹"), max_length=64)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("日志锚")
        verbose_name_plural = _("日志锚")
        ordering = ["day"]

    def __str__(self):
        return f"{self.day} {self.last_event} {self.digest}"
