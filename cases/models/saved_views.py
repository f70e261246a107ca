from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list of letters that an officer comes back to: a name, the filters as an address, and words.

    Stands in `public`: it is about officers, and serves every world.
    """

    officer = models.ForeignKey("cases.Officer", models.CASCADE, related_name="saved_views")
    name = models.CharField(_("名称"), max_length=20)
    address = models.CharField(_("条件"), max_length=500)
    # What is looked for; it gets into no address (cases/desk/words.py).
    words = models.CharField(_("查找的词"), max_length=60, blank=True)
    # Opened when the desk is opened without any filter.
    is_default = models.BooleanField(_("默认"), default=False)

    class Meta:
        verbose_name = _("常用视图")
        verbose_name_plural = _("常用视图")
        constraints = [
            models.UniqueConstraint(fields=["officer", "name"], name="saved_view_name"),
            models.UniqueConstraint(
                fields=["officer"], condition=models.Q(is_default=True), name="saved_view_default"
            ),
        ]

    def __str__(self):
        return self.name
