"""The form of a new version of the rules: a field for each clock, a number and a unit."""

import re
from datetime import timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import in_force, policy, policy_text, worlds
from cases.calendars import ELAPSED, Length
from cases.desk.policy_words import LENGTH_UNITS, LEVELS, NAMES
from cases.fields import KINDS
from cases.identity import fold

_FARTHEST = timedelta(days=731)
_WRONG_LENGTH = gettext_lazy("请填写1至9999的整数，并选择单位。")
_OTHER_LENGTHS = {
    "legal.limit": gettext_lazy("法定期限（信访条例）"),
    "legal.extension": gettext_lazy("法定延期"),
    "pressing.yellow_after": gettext_lazy("超期多久亮黄牌"),
    "pressing.red_after": gettext_lazy("超期多久亮红牌"),
}


class LengthWidget(forms.MultiWidget):
    """A number beside its unit, as one value such as 20d."""

    def __init__(self, label, hint):
        attrs = {"inputmode": "numeric", "size": 4, "autocomplete": "off", "placeholder": hint}
        number = forms.TextInput(attrs)
        named = {"aria-label": _("%(name)s：单位") % {"name": label}}
        super().__init__([number, forms.Select(named, choices=LENGTH_UNITS)])

    def decompress(self, value):
        match = re.fullmatch(r"([0-9]+)([a-z]+)", value or "")
        return list(match.groups()) if match else ["", "d"]

    def value_from_datadict(self, data, files, name):
        number, unit = super().value_from_datadict(data, files, name)
        return fold(number or "").strip(), (unit or "").strip()


class LengthField(forms.Field):
    """A length of the policy; empty, where that is allowed, is "".

    Raises ValidationError in the reader's words.
    """

    def __init__(self, label, required=True):
        hint = "" if required else _("同上")
        super().__init__(label=label, required=required, widget=LengthWidget(label, hint))

    def clean(self, value):
        number, unit = value or ("", "")
        if not number and not self.required:
            return ""
        try:
            return Length.parse(number.lstrip("0") + unit).text
        except ValueError:
            raise forms.ValidationError(_WRONG_LENGTH) from None


class PolicyForm(forms.Form):
    """All values of the policy, when they come into force, and why."""

    blocks = forms.CharField(
        label=gettext_lazy("工作时间"),
        max_length=100,
        help_text=gettext_lazy("例如 08:30-12:00 14:00-17:30"),
    )
    yellow_share = forms.CharField(
        label=gettext_lazy("剩余时间不到百分之几显示为将到期"), max_length=8
    )
    return_limit = forms.CharField(label=gettext_lazy("退回几次后由领导指定办理单位"), max_length=8)
    minimum = forms.CharField(label=gettext_lazy("不足几件时不显示比率，也不排名"), max_length=8)
    legal_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("适用法定期限的信件类别"),
        choices=KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = forms.CharField(
        label=gettext_lazy("生效时间（可不填）"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        help_text=gettext_lazy("不填则保存后两三分钟内生效。"),
    )
    note = forms.CharField(
        label=gettext_lazy("为什么改"),
        max_length=200,
        widget=forms.Textarea({"rows": 2, "maxlength": 200}),
    )

    def __init__(self, text, newest, data=None):
        """text: of the version it starts from; newest: the newest version, or None."""
        self.text, self.newest = text, newest
        super().__init__(data, initial=_initial(policy_text.values(text)), label_suffix="")
        for key in (*policy_text.SHARED_KEYS, *policy_text.OWN_KEYS):
            level, kind, clock = key.split(".")
            shared = kind == policy.DEFAULT
            self.fields[key] = LengthField(NAMES[clock], required=shared)
        for key, label in _OTHER_LENGTHS.items():
            self.fields[key] = LengthField(label)

    def sections(self):
        """Return (name, fields of all kinds, [(kind, its own fields, whether it has any)]) of each level."""
        return [
            (LEVELS[level], self._of(level, policy.DEFAULT), self._kinds(level))
            for level in policy.LEVELS
        ]

    def others(self):
        """Return the fields of the law and of pressing."""
        return [self[key] for key in _OTHER_LENGTHS]

    def singles(self):
        """Return the fields that hold one value each."""
        names = ("blocks", "yellow_share", "return_limit", "minimum")
        return [self[name] for name in names]

    def _of(self, level, kind):
        return [self[f"{level}.{kind}.{clock}"] for clock in policy.SERVICE_CLOCKS]

    def _kinds(self, level):
        for kind, label in KINDS:
            fields = self._of(level, kind)
            shown = any(field.errors or _is_filled(field.value()) for field in fields)
            yield label, fields, shown

    def clean_blocks(self):
        blocks = re.split(r"[\s,，、;；]+", fold(self.cleaned_data["blocks"]).strip())
        return [re.sub(r"[–—~]", "-", block) for block in blocks if block]

    def clean_yellow_share(self):
        return _whole(self.cleaned_data["yellow_share"].rstrip("%％"), 99) / 100

    def clean_return_limit(self):
        return _whole(self.cleaned_data["return_limit"], 99)

    def clean_minimum(self):
        return _whole(self.cleaned_data["minimum"], 9999)

    def clean_valid_from(self):
        typed = fold(self.cleaned_data["valid_from"]).strip()
        earliest = worlds.now() + in_force.LEAD
        if not typed:
            return None
        at = forms.DateTimeField(
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
            error_messages={"invalid": _("时间请写成 2026-12-01 08:30 的样子。")},
        ).clean(typed)
        if at < earliest or at > earliest + _FARTHEST:
            raise forms.ValidationError(_("生效时间至少在两分钟以后，最多在两年以后。"))
        if self.newest and at <= self.newest.valid_from:
            raise forms.ValidationError(_("生效时间应晚于上一版的生效时间。"))
        return at

    def begin_at_the_fault(self):
        """Let the page open at the first field that has to be mended."""
        name = next((name for name in self.fields if name in self.errors), None)
        if name:
            widget = self.fields[name].widget
            getattr(widget, "widgets", [widget])[0].attrs["autofocus"] = True

    def clean(self):
        """Read the whole as the program will; what breaks a rule is said at its field."""
        if self.errors:
            return self.cleaned_data
        self.new_text = policy_text.changed(self.text, self._wanted())
        try:
            self.policy = policy.read(self.new_text, "")
        except policy.PolicyError as error:
            self.add_error(*_place_of(error))
            return self.cleaned_data
        if policy_text.values(self.new_text) == policy_text.values(self.text):
            raise forms.ValidationError(_("没有改动任何一条。"))
        self._check_against_the_law()
        return self.cleaned_data

    def _wanted(self):
        said = self.cleaned_data
        wanted = {key: said[key] for key in policy_text.KEYS if key in said}
        return wanted | {
            "working_time.blocks": said["blocks"],
            "colour.yellow_share": said["yellow_share"],
            "returns.limit": said["return_limit"],
            "figures.minimum": said["minimum"],
            "legal.kinds": said["legal_kinds"],
        }

    def _check_against_the_law(self):
        """No reply is promised for later than the law allows, where both are counted alike."""
        for level in policy.LEVELS:
            for kind, label in KINDS:
                legal = self.policy.length(level, kind, "legal")
                reply = self.policy.length(level, kind, "reply")
                if legal and legal.time == reply.time == ELAPSED and reply.size > legal.size:
                    own = bool(self.cleaned_data.get(f"{level}.{kind}.reply"))
                    name = f"{level}.{kind if own else policy.DEFAULT}.reply"
                    if name not in self.errors:
                        self.add_error(
                            name, _("“%(kind)s”的答复时限长于法定期限。") % {"kind": label}
                        )


def _initial(values):
    shown = {key: value for key, value in values.items() if isinstance(value, str)}
    return shown | {
        "blocks": " ".join(values["working_time.blocks"]),
        "yellow_share": f"{values['colour.yellow_share'] * 100:g}",
        "return_limit": values["returns.limit"],
        "minimum": values["figures.minimum"],
        "legal_kinds": values["legal.kinds"],
    }


def _is_filled(value):
    return bool(value[0] if isinstance(value, (tuple, list)) else value)


def _whole(typed, most):
    typed = fold(typed).strip()
    if not re.fullmatch("[0-9]{1,4}", typed) or not 1 <= int(typed) <= most:
        raise forms.ValidationError(_("请填写1至%(most)s的整数。") % {"most": most})
    return int(typed)


def _place_of(error):
    """Return (name of the field, message) of a rule that only the whole text can break."""
    if error.key == "working_time.blocks":
        return "blocks", _("请写成 08:30-12:00 14:00-17:30 的样子，按先后排列，不要重叠。")
    return None, str(error)
