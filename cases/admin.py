"""The stock admin, for what administrators keep: units, officers, groups. Letters are the desk's.

In a run's world nothing here can be changed: units and officers are common to all worlds.
"""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _

from cases import case_admin, question_admin, task_admin, worlds  # noqa: F401  (which register their own)
from cases.kept_admin import KeptOnly
from cases.models import Officer, ReplyTemplate, Unit
from cases.officer_admin import SigningInAdmin
from cases.transitions import PERMISSIONS
from cases.unit_admin import ImportingUnits, UnitForm, warn_of_open_cases
from cases.units import MANAGE_PERMISSIONS

admin.site.site_header = _("平安厅信箱")
admin.site.site_title = _("平安厅信箱")
admin.site.index_title = _("管理后台")
admin.site.site_url = None


_OFFICER_LABELS = {
    "username": (_("账号"), _("登录用，字母、数字和 @ . + - _，最多150个字符。")),
    "first_name": (_("姓名"), ""),
    "email": (_("电子邮箱"), _("收值班提醒、账号变动通知和重设密码的链接。")),
    "groups": (_("角色"), ""),
    "is_active": (_("在用"), _("离任的民警不删除，取消勾选即可，账号随即停用。")),
    "is_staff": (_("可以登录"), ""),
}
_VERBS = {
    "view": _("查看%(what)s"),
    "add": _("新增%(what)s"),
    "change": _("修改%(what)s"),
}


@admin.register(Unit)
class UnitAdmin(ImportingUnits, KeptOnly, admin.ModelAdmin):
    """Units; the code, and so the place in the tree, is fixed once a unit is made."""

    list_display = ("name", "code", "level", "parent", "is_mailbox", "active")
    list_filter = ("level", "is_mailbox", "active")
    list_select_related = ("parent",)
    search_fields = ("name", "code", "pinyin")
    autocomplete_fields = ("parent",)
    form = UnitForm
    fields = UnitForm.Meta.fields

    def get_readonly_fields(self, request, obj=None):
        return ("code", "level", "parent") if obj else ()

    def save_model(self, request, obj, form, change):
        """Give a new unit its path below its parent."""
        if not change:
            obj.path = f"{obj.parent.path if obj.parent else ''}{obj.code}/"
        super().save_model(request, obj, form, change)


@admin.register(Officer)
class OfficerAdmin(SigningInAdmin, KeptOnly, UserAdmin):
    """Officers: deactivated, never deleted. Nobody but a superuser gives rights to themselves."""

    list_display = ("username", "first_name", "unit", "is_active", "last_login")
    list_filter = ("is_active", "groups", "unit__level")
    list_select_related = ("unit",)
    search_fields = ("username", "first_name", "unit__name")
    autocomplete_fields = ("unit",)
    add_form_template = "admin/cases/officer/add_form.html"
    ordering = ("unit__pinyin", "username")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("民警"), {"fields": ("first_name", "unit", "email", "phone")}),
        (_("角色与账号"), {"fields": ("groups", "is_active", "is_staff")}),
        (_("登录"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "unit", "email", "phone", "usable_password")}),
        (None, {"fields": ("password1", "password2")}),
        (_("角色与账号"), {"fields": ("groups", "is_staff")}),
    )

    def get_form(self, request, obj=None, **kwargs):
        """Return the form, its fields called what they are called here."""
        form = super().get_form(request, obj, **kwargs)
        for name, (label, help_text) in _OFFICER_LABELS.items():
            if name in form.base_fields:
                form.base_fields[name].label = label
                form.base_fields[name].help_text = help_text
        return form

    def get_changeform_initial_data(self, request):
        """Begin a new officer as one who can sign in: without that no page opens."""
        return {"is_staff": True, **super().get_changeform_initial_data(request)}

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        """Show roles as boxes to tick, all to be seen at once."""
        if db_field.name == "groups":
            kwargs["widget"] = CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        """Only superusers change a superuser; otherwise an administrator could become one."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request, obj=None):
        fixed = ("last_login", "date_joined")
        own = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser
        return (*fixed, "groups", "unit", "is_staff", "is_active") if own else fixed

    def save_model(self, request, obj, form, change):
        """Keep the officer; one whose account is closed is signed out, also if it is opened again."""
        super().save_model(request, obj, form, change)
        if change and {"is_active", "is_staff"} & set(form.changed_data):
            obj.end_sessions()
        if change and "is_active" in form.changed_data and not obj.is_active:
            warn_of_open_cases(request, obj)


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(KeptOnly, admin.ModelAdmin):
    """Reply templates; one that is not wanted any more is put out of use."""

    list_display = ("name", "action", "kind", "unit", "active")
    list_filter = ("active", "action", "kind")
    list_select_related = ("unit",)
    search_fields = ("name", "body")
    autocomplete_fields = ("unit",)


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(KeptOnly, GroupAdmin):
    """Roles: which permissions a group of officers has; only those that mean something here.

    They are kept by whoever gives them to officers; nobody but a superuser changes an own one.
    """

    def has_module_permission(self, request):
        return request.user.has_perm("cases.change_officer")

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("cases.change_officer")

    def has_add_permission(self, request):
        return worlds.current().live and request.user.has_perm("cases.change_officer")

    def has_change_permission(self, request, obj=None):
        user = request.user
        own = obj is not None and obj.user_set.filter(pk=user.pk).exists()
        may = user.has_perm("cases.change_officer") and (user.is_superuser or not own)
        return may and worlds.current().live

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        """Offer the rights of the workflow, and those to manage officers and units."""
        if db_field.name == "permissions":
            kwargs["widget"] = CheckboxSelectMultiple
            names = {codename for codename, _label in PERMISSIONS} | set(MANAGE_PERMISSIONS)
            kwargs["queryset"] = Permission.objects.filter(
                content_type__app_label="cases", codename__in=names
            ).select_related("content_type")
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "permissions":
            field.label_from_instance, field.help_text = _called, ""
        return field


def _called(permission):
    """Return what a right is called on the desk."""
    verb, _underscore, model = permission.codename.partition("_")
    known = dict(PERMISSIONS).get(permission.codename)
    if known or verb not in _VERBS or model not in permission.content_type.model:
        return known or permission.name
    return _VERBS[verb] % {"what": permission.content_type.name}
