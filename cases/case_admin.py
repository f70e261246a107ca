"""Letters in the stock admin: only a way to the desk."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse

from cases import access
from cases.models import Case


@admin.register(Case)
class CaseAdmin(admin.ModelAdmin):
    """The way from the admin to the desk: letters are listed, read and handled there.

    So nothing of a letter can be changed here, and no LogEntry tells of one: the history
    of a case is its event log.
    """

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return access.reads_letters(request.user)

    def has_module_permission(self, request):
        return access.reads_letters(request.user)

    def changelist_view(self, request, extra_context=None):
        self._check(request)
        return redirect("desk:list")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        self._check(request)
        return _to_the_desk(request, object_id)

    def history_view(self, request, object_id, extra_context=None):
        self._check(request)
        return _to_the_desk(request, object_id, "#history")

    def _check(self, request):
        if request.method == "POST" or not self.has_view_permission(request):
            raise PermissionDenied


def _to_the_desk(request, object_id, place=""):
    """Redirect to a case's page; one that is absent or hidden leads to the same place."""
    receipt = None
    if object_id.isdecimal():
        cases = access.visible_cases(request.user).filter(pk=object_id)
        receipt = cases.values_list("letter__receipt", flat=True).first()
    return redirect(reverse("desk:case", args=[receipt or "-"]) + place)
