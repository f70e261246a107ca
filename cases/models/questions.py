from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.fields import CATEGORIES

# Questions about this mailbox itself stand before those of a category.
OF_THE_MAILBOX = "mailbox"
GROUPS = ((OF_THE_MAILBOX, _("这个信箱")), *CATEGORIES)


class CommonQuestion(models.Model):
    """A common question (常见问题) and its answer; stands in `public`, the same for every world.

    signs: words of which one before the bar is enough for a letter to be shown it, two after it.
    Without English, readers of English are shown the Chinese.
    """

    name = models.SlugField(
        _("代号"),
        max_length=40,
        unique=True,
        help_text=_("用在网址里：英文、数字和连字符，例如 id-card。保存后不能再改。"),
    )
    group = models.CharField(_("分组"), max_length=16, choices=GROUPS)
    question = models.CharField(_("问题"), max_length=100)
    answer = models.TextField(_("回答"), max_length=1000)
    question_en = models.CharField(_("问题（英文）"), max_length=200, blank=True)
    answer_en = models.TextField(_("回答（英文）"), max_length=2000, blank=True)
    signs = models.CharField(
        _("提示词"),
        max_length=300,
        blank=True,
        help_text=_(
            "来信里出现哪些词，就在寄出前提示这一条；用空格隔开。竖线前的词出现一个就够，竖线后的要出现两个。"
        ),
    )
    place = models.PositiveSmallIntegerField(
        _("顺序"), default=100, help_text=_("同一组中，数小的在前。")
    )
    shown = models.BooleanField(_("显示"), default=True)

    class Meta:
        verbose_name = _("常见问题")
        verbose_name_plural = _("常见问题")
        ordering = ["place", "pk"]

    def __str__(self):
        return self.question

    def clean(self):
        """Refuse half of an English text, and words that would stand in nearly every letter."""
        if bool(self.question_en) != bool(self.answer_en):
            lacking = "answer_en" if self.question_en else "question_en"
            raise ValidationError({lacking: _("英文的问题和回答要么都填，要么都不填。")})
        self.signs = self.signs.replace("｜", "|")
        words = self.signs.replace("|", " ").split()
        if self.signs.count("|") > 1 or any(len(word) < 2 for word in words):
            raise ValidationError({"signs": _("每个词至少两个字，竖线最多一条。")})
