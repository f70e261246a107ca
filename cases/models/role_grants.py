from django.db import models
from django.utils.translation import gettext_lazy as _


class RoleGrant(models.Model):
    """That a role was once given a right by `seed`, so that it is not given again once taken back."""

    group = models.ForeignKey("auth.Group", models.CASCADE, related_name="grants")
    codename = models.CharField(_("权限"), max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "codename"], name="grant_once")]

    def __str__(self):
        return f"{self.group_id} {self.codename}"
