"""The runs' place in the admin's index: it leads to the planner's own pages."""

from django.contrib import admin
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
        to_list = self.admin_site.admin_view(lambda request: redirect("simulation:list"))
        return [path("", to_list, name="simulation_run_changelist")]
