"""Answers that everybody may read: the writer's consent, and a text of their own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.fields import CATEGORIES

from .base import DomainModel
from .letters import Letter


class Consent(DomainModel):
    """The writer's own consent to publishing (个人信息保护法 25), given apart and taken back at any time."""

    letter = models.OneToOneField(Letter, models.PROTECT, primary_key=True, related_name="consent")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("公开同意")
        verbose_name_plural = _("公开同意")


class PublicAnswer(DomainModel):
    """A question and its answer as everybody may read them: written anew, and read by a second officer.

    Nothing of the letter's own text is shown. version: goes up with each writing, so that what is
    published is what the reviewer read. note: why it was sent back.
    """

    letter = models.OneToOneField(Letter, models.PROTECT, related_name="public_answer")
    category = models.CharField(max_length=16, choices=CATEGORIES)
    language = models.CharField(max_length=8)
    title = models.CharField(_("标题"), max_length=60)
    question = models.TextField(_("问题"), max_length=2000)
    answer = models.TextField(_("答复内容"), max_length=5000)
    version = models.PositiveIntegerField(default=1)
    note = models.CharField(_("退回意见"), max_length=200, blank=True)
    author = models.ForeignKey("cases.Officer", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    reviewer = models.ForeignKey("cases.Officer", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("公开的答复")
        verbose_name_plural = _("公开的答复")
        indexes = [
            models.Index(
                fields=["-published_at"],
                name="answer_published",
                condition=models.Q(published_at__isnull=False),
            )
        ]

    def __str__(self):
        return self.title
