"""What the workers could not do, in the stock admin: batches that failed, and troubles of tasks."""

from django.contrib import admin, messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import batches, troubles, undelivered, worlds
from cases.kept_admin import KeptOnly
from cases.models import Batch, Trouble


@admin.register(Batch)
class BatchAdmin(KeptOnly, admin.ModelAdmin):
    """Batches: how each stands, and of what it failed. Its officer lets it go on; no letter is named."""

    list_display = ("number", "created_at", "who", "step", "stage", "attempts", "error")
    list_display_links = None
    list_filter = ("stage",)
    list_select_related = ("officer__unit",)
    ordering = ("-pk",)

    @admin.display(description=_("编号"), ordering="pk")
    def number(self, batch):
        """The number in the address of its page."""
        return batch.pk

    @admin.display(description=_("民警"), ordering="officer")
    def who(self, batch):
        """Whose batch it is."""
        return batch.officer

    @admin.display(description=_("动作"))
    def step(self, batch):
        """What is done with each letter."""
        return batches.label(batch)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Trouble)
class TroubleAdmin(KeptOnly, admin.ModelAdmin):
    """Tasks that failed and have not gone well since, each with its last error; nothing personal."""

    list_display = ("task", "key", "attempts", "given_up", "last_at", "error")
    list_display_links = None
    list_filter = ("given_up", "task")
    ordering = ("-last_at",)
    actions = ("again",)
    change_list_template = "admin/cases/trouble/change_list.html"

    def changelist_view(self, request, extra_context=None):
        """Show the list, and where what did not reach an officer is to be seen."""
        live = worlds.current().live
        more = {"live": live, "undelivered": undelivered.count() if live else 0}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    @admin.action(description=_("再试一次"), permissions=["again"])
    def again(self, request, queryset):
        """Let what was given up be tried again, counted anew."""
        count = troubles.again(queryset)
        messages.success(request, gettext("%(count)s项会再试。") % {"count": count})

    def has_again_permission(self, request):
        """Tell whether this officer may have tasks tried again."""
        return worlds.current().live and request.user.has_perm("cases.change_trouble")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False
