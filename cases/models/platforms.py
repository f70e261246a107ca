from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel

PLATFORMS = (
    ("12345", _("12345热线")),
    ("petition", _("信访信息系统")),
    ("gov_site", _("政府网站留言")),
    ("110", _("110非警务警情")),
    ("other", _("其他平台")),
)


class Origin(DomainModel):
    """From which other platform a letter came, and the number that it has there."""

    letter = models.OneToOneField("cases.Letter", models.PROTECT, primary_key=True)
    platform = models.CharField(_("平台"), max_length=12, choices=PLATFORMS)
    number = models.CharField(_("平台编号"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("来源平台")
        verbose_name_plural = _("来源平台")

    def __str__(self):
        return f"{self.get_platform_display()} {self.number}".strip()


class LetterFile(DomainModel):
    """A file of letters between its preview and its import, sealed; forgotten after an hour."""

    token = models.UUIDField(unique=True)
    officer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=32)
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("待导入的文件")
        verbose_name_plural = _("待导入的文件")
