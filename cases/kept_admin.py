"""What all pages of the stock admin share here: nothing is deleted, and no world is written to."""

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from cases import worlds


class _Choice(AutocompleteSelect):
    """A choice looked up by typing; what is no key of a row is none, in Django's own an error."""

    def optgroups(self, name, value, attr=None):
        keys = [key for key in value if _is_key(str(key))]
        return super().optgroups(name, keys, attr)


def _is_key(text):
    return text.isdecimal() and len(text) < 19


class KeptOnly:
    """Nothing is deleted here, and nothing is changed from inside a run's world."""

    actions = None

    def changelist_view(self, request, extra_context=None):
        """Show the list; a NUL in its address, or a choice of what can be no row, asks for nothing."""
        asked = (value for _name, values in request.GET.lists() for value in values)
        chosen = request.POST.getlist("_selected_action")
        if any("\x00" in value for value in asked) or not all(map(_is_key, chosen)):
            return redirect(request.path)
        return super().changelist_view(request, extra_context)

    def get_search_results(self, request, queryset, search_term):
        """Search without what PostgreSQL refuses; pop-up choices come here too."""
        return super().get_search_results(request, queryset, search_term.replace("\x00", ""))

    def history_view(self, request, object_id, extra_context=None):
        """Show the history of a row, and nothing of which rows there are to who may see none."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = _Choice(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request):
        return worlds.current().live and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return worlds.current().live and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False
