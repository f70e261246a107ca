"""Forms of the steps, built from FIELDS; whether what was typed is right, perform says.

No form field refuses anything by itself: there is one place for each rule.
"""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases import access, attachments, inputs, kept_files
from cases import fields as f
from cases.models import Officer, Unit
from cases.workflow import WITH_FILES

_NOTHING_CHOSEN = ("", _("请选择"))
_YES_OR_NO = (_NOTHING_CHOSEN, ("yes", _("是")), ("no", _("否")))
# Fields that begin with what the case has now.
_AS_THE_CASE = ("kind", "category")


class Files(forms.FileInput):
    """Any number of files; cases/attachments.py judges them."""

    allow_multiple_selected = True


class StepForm(forms.Form):
    """The fields of one row of the table, for one case and one officer.

    draft: what the officer typed before and has not sent; first: what a field begins with.
    kept: the files that came with it, as kept_files.sent gives them.
    """

    def __init__(self, row, user, case, data=None, *, draft=None, first=(), kept=None):
        initial = {name: getattr(case, name) for name in _AS_THE_CASE}
        initial |= {**dict(first), **(draft.typed if draft else {})}
        super().__init__(data, initial=initial, auto_id=f"{row.action}-%s", label_suffix="")
        self.row, self.draft, self.kept = row, draft, kept or kept_files.Kept()
        self.takes_text = "text" in (*row.requires, *row.allows)
        self.templates, self.begun = (), False
        for name in (*row.requires, *row.allows):
            if name == "to_merged" and not case.merged.exists():
                continue
            field = _BUILDERS[f.FIELDS[name].type](f.FIELDS[name], row, user, case)
            field.label = f.FIELDS[name].label
            field.required = False
            if name in row.requires:
                field.widget.attrs["required"] = True
            else:
                field.label = _("%(label)s（可不填）") % {"label": field.label}
            self.fields[name] = field
        if row.action in WITH_FILES:
            self.fields["files"] = _evidence()

    def said(self):
        """Return what was typed as perform takes it: names with a value only."""
        names = [name for name in self.fields if name != "files"]
        typed = {name: self.data.get(name, "").strip() for name in names}
        return {name: value for name, value in typed.items() if value}

    def refuse(self, refusal):
        """Show a refusal at the fields that it names, or at the head of the form.

        Several fields are named when they are missing; the page says so once, above. The
        first of them gets the cursor, which brings the form into sight.
        """
        self.full_clean()
        names = [name for name in refusal.fields if name in self.fields]
        message = _("请填写此项。") if len(names) > 1 else refusal.message
        for name in names or [None]:
            self.add_error(name, str(message))
        for name in names:
            self.fields[name].widget.attrs["aria-invalid"] = "true"
        for name in (names or list(self.fields))[:1]:
            self.fields[name].widget.attrs["autofocus"] = True


def _text(field, row, user, case):
    widget = forms.Textarea(attrs={"rows": 4, "maxlength": inputs.TEXT_LIMIT})
    help_text = _("来信人会看到这段文字。") if _is_read_by_citizen(row) else _("仅内部可见。")
    if row.action == "note":
        help_text = _("仅内部可见。用@姓名或@用户名提醒同事。")
    return forms.CharField(widget=widget, help_text=help_text)


def _is_read_by_citizen(row):
    return row.public or row.action == "propose_reply"


def _code(field, row, user, case):
    return forms.CharField(widget=forms.Select(choices=(_NOTHING_CHOSEN, *field.choices)))


def _yes_no(field, row, user, case):
    help_text = ""
    if field is f.FIELDS["to_merged"]:
        help_text = _("不选即为否。选“是”，本件来信人的姓名、电话等会自动隐去。")
    return forms.CharField(widget=forms.Select(choices=_YES_OR_NO), help_text=help_text)


def _number(field, row, user, case):
    return forms.CharField(widget=forms.NumberInput(attrs={"min": 1, "max": 30}))


def _label(field, row, user, case):
    most = max(inputs.LABEL_LIMITS.values())
    return forms.CharField(widget=forms.TextInput(attrs={"maxlength": most}))


def _unit(field, row, user, case):
    return _units(access.units_to_choose(case, row.action))


def _accused(field, row, user, case):
    return _units(access.units_to_accuse(case))


def _units(units):
    """Return a field that offers units, a group a level."""
    groups = {level: [] for level, _label in Unit.LEVELS}
    for unit in units:
        groups[unit.level].append((unit.code, unit.name))
    labels = dict(Unit.LEVELS)
    choices = [(labels[level], units) for level, units in groups.items() if units]
    return forms.CharField(widget=forms.Select(choices=[_NOTHING_CHOSEN, *choices]))


def _officer(field, row, user, case):
    officers = Officer.objects.filter(unit=case.unit_id, is_active=True).order_by("username")
    if row.action == "recuse":
        officers = access.officers_to_recuse(user, case)
    elif row.action == "end_recusal":
        officers = Officer.objects.filter(pk__in=case.recusals.values("officer"))
    choices = [(officer.pk, str(officer)) for officer in officers]
    return forms.CharField(widget=forms.Select(choices=[_NOTHING_CHOSEN, *choices]))


def _case(field, row, user, case):
    return forms.CharField(
        widget=forms.TextInput(attrs={"maxlength": 24, "autocomplete": "off"}),
        help_text=_("填写主件的受理编号，如 PA-XXXX-XXXX-XX。"),
    )


def _date(field, row, user, case):
    return forms.CharField(widget=forms.TextInput(attrs={"type": "date"}))


def _moment(field, row, user, case):
    return forms.CharField(widget=forms.TextInput(attrs={"type": "datetime-local"}))


def _link(field, row, user, case):
    attrs = {"type": "url", "maxlength": inputs.LINK_LIMIT, "autocomplete": "off"}
    return forms.CharField(
        widget=forms.TextInput(attrs=attrs), help_text=_("以 https:// 开头，来信人会看到。")
    )


def _evidence():
    return forms.Field(
        label=_("佐证材料（可不传）"),
        required=False,
        widget=Files(attrs={"multiple": True}),
        help_text=format_lazy("{}{}", _("仅内部可见。"), attachments.what_is_taken()),
    )


_BUILDERS = {
    f.TEXT: _text,
    f.CODE: _code,
    f.YES_NO: _yes_no,
    f.NUMBER: _number,
    f.LABEL: _label,
    f.UNIT: _unit,
    f.OFFICER: _officer,
    f.CASE: _case,
    f.ACCUSED: _accused,
    f.DATE: _date,
    f.MOMENT: _moment,
    f.LINK: _link,
}
