"""The runs' place in the admin's index: it leads to the planner's own pages."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path

from simulation.models import Run


@admin.register(Run)
class RunAdmin(admin.ModelAdmin):
    """A way to simulation/pages.py, for those who may run simulations; nothing is changed here."""

    def has_module_permission(self, request):
        """Tell whether the index shows the simulator to this officer."""
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        """Tell whether the index shows the runs to this officer."""
        return request.user.has_perm("cases.run_simulation")

    def get_urls(self):
        """Return one address, which leads to the list of runs."""
        view = self.admin_site.admin_view(self._to_list)
        return [path("", view, name="simulation_run_changelist")]

    def _to_list(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("simulation:list")
