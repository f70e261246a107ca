from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.fields import CATEGORIES, KINDS

from .base import DomainModel, StoredFile


class Writer(DomainModel):
    """Who wrote, encrypted. The indexes find the same person again, and nobody else."""

    sealed = models.BinaryField()
    key_id = models.CharField(max_length=32)
    phone_index = models.CharField(max_length=64, db_index=True)
    id_index = models.CharField(max_length=64, db_index=True)
    has_email = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("来信人")
        verbose_name_plural = _("来信人")


class Letter(DomainModel):
    """What a person wrote, as it was sent. It is never changed."""

    CHANNELS = (
        ("web", _("网上")),
        ("paper", _("纸质来信")),
        ("phone", _("来电")),
        ("counter", _("来访")),
        ("clerk", _("代录")),
        ("platform", _("其他平台转来")),
        ("simulation", _("模拟")),
    )

    receipt = models.CharField(_("受理编号"), max_length=24, unique=True)
    query_code_hash = models.CharField(max_length=64, blank=True)
    idempotency_key = models.UUIDField(null=True, unique=True)
    mailbox = models.ForeignKey("cases.Unit", models.PROTECT, verbose_name=_("信箱"))
    kind = models.CharField(_("信件类别"), max_length=12, choices=KINDS)
    category = models.CharField(_("业务类别"), max_length=16, choices=CATEGORIES)
    title = models.CharField(_("标题"), max_length=50)
    body = models.TextField(_("内容"))
    place = models.CharField(_("地点"), max_length=100, blank=True)
    confidential = models.BooleanField(_("保密"), default=False)
    emergency = models.BooleanField(_("紧急"), default=False)
    channel = models.CharField(_("来信渠道"), max_length=12, choices=CHANNELS)
    language = models.CharField(_("语言"), max_length=8, default="zh-hans")
    received_at = models.DateTimeField(_("来信时间"))
    writer = models.ForeignKey(Writer, models.PROTECT, null=True, verbose_name=_("来信人"))
    # Letters of a run hold a writer's number and no identity.
    writer_number = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("来信")
        verbose_name_plural = _("来信")

    def __str__(self):
        return self.receipt


class Attachment(StoredFile):
    """A file that came with a letter."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="attachments")

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
