"""What the writers of letters may have done: a new query code, and what is kept of them changed."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import DomainModel
from .letters import Letter


class RenewedCode(DomainModel):
    """The query code, hashed, that took the place of a letter's first one, which opens nothing now."""

    letter = models.OneToOneField(
        Letter, models.PROTECT, primary_key=True, related_name="renewed_code"
    )
    code_hash = models.CharField(max_length=64)
    issued_at = models.DateTimeField()

    class Meta:
        verbose_name = _("换发的查询码")
        verbose_name_plural = _("换发的查询码")


class DataRequest(DomainModel):
    """What a writer asks to have done with what is kept of them; an officer decides.

    sealed, key_id: of a correction, what it should read, sealed like the identity itself; once it is
    decided, where its writer is told so, until they have been: an erasure leaves no other address.
    """

    CORRECT, ERASE = "correct", "erase"
    KINDS = ((CORRECT, _("更正联系方式")), (ERASE, _("删除身份资料")))
    GRANTED, REFUSED = "granted", "refused"
    DECISIONS = ((GRANTED, _("同意")), (REFUSED, _("不同意")))
    ANSWER_WITHIN = timedelta(days=30)
    REASONS = (
        ("unproved", _("无法核实申请人就是来信人")),
        ("kept", _("法律、行政法规规定的保存期限未满")),
        ("needed", _("复查、复核、诉讼或案件办理仍然需要")),
        ("mistaken", _("申请更正的内容有误")),
    )

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="data_requests")
    kind = models.CharField(max_length=8, choices=KINDS)
    sealed = models.BinaryField(null=True)
    key_id = models.CharField(max_length=32, blank=True)
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=DECISIONS, blank=True)
    reason = models.CharField(max_length=8, choices=REASONS, blank=True)
    decided_at = models.DateTimeField(null=True)
    officer = models.ForeignKey("cases.Officer", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("个人资料申请")
        verbose_name_plural = _("个人资料申请")
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "kind"],
                condition=models.Q(decision=""),
                name="data_request_waits_once",
            )
        ]

    def __str__(self):
        return f"{self.letter_id} {self.kind}"

    @property
    def due_at(self):
        """Until when it is to be answered: soon, says the law (50); within thirty days, GB/T 35273."""
        return self.asked_at + self.ANSWER_WITHIN
