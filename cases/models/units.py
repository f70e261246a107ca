from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """A police body: the department, a line, a city bureau, a district or a station."""

    LEVELS = (
        ("department", _("省厅")),
        ("line", _("警种")),
        ("city", _("市局")),
        ("district", _("分局")),
        ("station", _("派出所")),
    )

    code = models.CharField(_("编码"), max_length=12, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    name_en = models.CharField(_("英文名称"), max_length=80)
    level = models.CharField(_("层级"), max_length=12, choices=LEVELS)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
    )
    # "440000/440300/440304/": a subtree is a prefix.
    path = models.CharField(_("路径"), max_length=80, unique=True)
    pinyin = models.CharField(_("拼音"), max_length=120)
    is_mailbox = models.BooleanField(_("设有信箱"), default=False)
    active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["pinyin"]
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        indexes = [
            models.Index(
                name="unit_path_prefix", fields=["path"], opclasses=["varchar_pattern_ops"]
            )
        ]

    def __str__(self):
        return self.name

    def is_within(self, other):
        """Return whether this unit is `other` or stands below it."""
        return self.path.startswith(other.path)

    @cached_property
    def _line(self):
        """The keys of the units above and of those below, and whether these are all; read once.

        Keys rather than a condition on paths: the database knows how many letters lie with each
        unit, and so which index to take.
        """
        rows = list(Unit.objects.order_by().values_list("pk", "path"))
        above = [pk for pk, path in rows if self.path.startswith(path)]
        below = [pk for pk, path in rows if path.startswith(self.path)]
        return above, below, len(below) == len(rows)

    @property
    def above(self):
        """The keys of this unit and of those above it."""
        return self._line[0]

    @property
    def below(self):
        """The keys of this unit and of those below it."""
        return self._line[1]

    @property
    def is_over_all(self):
        """Whether every other unit stands below this one."""
        return self._line[2]
