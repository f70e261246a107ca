"""Units in the stock admin: one at a time, or from a file that is shown before it is taken."""

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import unit_files, uploads, worlds
from cases.identity import clean
from cases.models import Case, Unit
from cases.transitions import OPEN, State
from cases.units import MAILBOX_LEVELS

FILE_BYTES = 500_000
_UNFINISHED = (*OPEN, State.REPLIED)


class UnitForm(forms.ModelForm):
    """A unit; what its code says of level and parent must be so."""

    class Meta:
        model = Unit
        fields = ("code", "name", "name_en", "level", "parent", "pinyin", "is_mailbox", "active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "pinyin" in self.fields:
            self.fields["pinyin"].required = False
            self.fields["pinyin"].help_text = gettext_lazy("留空则由名称得出；单位按它排序。")

    def clean_name(self):
        """Keep a name on one line: it is the subject of a mail."""
        return " ".join(clean(self.cleaned_data["name"]).split())

    def clean(self):
        """Check the code of a new unit, and that nobody is left behind by one that is closed."""
        said = super().clean()
        said["pinyin"] = said.get("pinyin") or unit_files.pinyin_of(said.get("name") or "")
        level = said.get("level") or self.instance.level
        if said.get("is_mailbox") and level and level not in MAILBOX_LEVELS:
            self.add_error("is_mailbox", _("只有省厅和市局可以设信箱。"))
        if self.instance.pk is None:
            self._check_place(said)
        else:
            self._check_closing(said)
        return said

    def _check_place(self, said):
        if not said.get("code"):
            return
        try:
            level, parent = unit_files.place_of(said["code"])
        except ValueError as error:
            self.add_error("code", str(error))
            return
        if said.get("level") and said["level"] != level:
            label = dict(Unit.LEVELS)[level]
            self.add_error("level", _("按编码，层级应为%(level)s。") % {"level": label})
        chosen = said.get("parent")
        if (chosen.code if chosen else None) != parent:
            words = _("按编码，上级应为%(code)s。") if parent else _("省厅没有上级。")
            self.add_error("parent", words % {"code": parent} if parent else words)

    def _check_closing(self, said):
        unit = self.instance
        mine = Case.objects.filter(unit=unit, state__in=_UNFINISHED).count()
        boxed = Case.objects.filter(mailbox=unit, state__in=_UNFINISHED).count()
        if not said.get("active", True):
            if mine or boxed:
                words = _("还有%(n)s封未了结的来信，请先办结、改派或收回，再停用。")
                self.add_error("active", words % {"n": max(mine, boxed)})
            elif unit.children.filter(active=True).exists():
                self.add_error("active", _("还有启用的下级单位，请先停用它们。"))
        if "is_mailbox" in said and not said["is_mailbox"] and boxed:
            words = _("信箱还有%(n)s封未了结的来信，不能撤销。")
            self.add_error("is_mailbox", words % {"n": boxed})


class ImportingUnits:
    """What UnitAdmin adds: the page that takes units from a CSV file."""

    change_list_template = "admin/cases/unit/change_list.html"

    def get_urls(self):
        """Put the page before the addresses of single units."""
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="cases_unit_import"), *super().get_urls()]

    def import_view(self, request):
        """Show what a file would do; on the second POST, which brings its text back, do it."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": _("从CSV文件导入单位")}
        if request.method == "POST":
            text, context["fault"] = _text(request)
            plan = unit_files.read(text) if text is not None else None
            if plan and request.POST.get("confirmed") and not plan.faults:
                return self._take(request, plan)
            context |= {"plan": plan, "text": text}
        return render(request, "admin/cases/unit/import.html", context)

    def _take(self, request, plan):
        unit_files.write(plan)
        for flag, units in ((ADDITION, plan.new), (CHANGE, plan.changed)):
            if units:
                LogEntry.objects.log_actions(request.user.pk, units, flag, _("从文件导入"))
        words = _("已新增%(new)s个单位，更新%(changed)s个。")
        messages.success(request, words % {"new": len(plan.new), "changed": len(plan.changed)})
        return redirect("admin:cases_unit_changelist")


def _text(request):
    """Return (the file's text or None, what is wrong with it or "")."""
    if request.POST.get("confirmed"):
        return request.POST.get("text", "").replace("\x00", ""), ""
    file = request.FILES.get("file")
    if file is None or file.size > FILE_BYTES:
        return None, _("请选择一个不超过%(kb)sKB的CSV文件。") % {"kb": FILE_BYTES // 1000}
    text = uploads.text_of(file.read())
    return text, "" if text is not None else _("文件编码不认识，请另存为 UTF-8 编码的CSV。")


def warn_of_open_cases(request, officer):
    """Tell the administrator that an officer whose account is closed still has letters."""
    left = Case.objects.filter(officer=officer, state__in=_UNFINISHED).count()
    if left and worlds.current().live:
        words = _("%(who)s名下还有%(n)s封未了结的来信，请所在单位的联络员或领导用“移交”办理。")
        messages.warning(request, words % {"who": officer, "n": left})
