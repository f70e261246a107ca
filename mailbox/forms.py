"""Pieces of the citizen's forms, and the forms of what can be done with a letter."""

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from cases import attachments, identity
from cases.fields import CODE, FIELDS, TEXT, YES_NO
from cases.inputs import TEXT_LIMIT
from mailbox import display, wording

_OF_A_LENGTH = "length"  # messages that need the field's name before them, away from the field


class CleanText(forms.CharField):
    """Text as it will be stored: control characters removed before its length is judged."""

    def __init__(self, *, limits=(0, None), **kwargs):
        super().__init__(strip=False, **kwargs)
        self.limits = limits

    def to_python(self, value):
        """Return the cleaned text."""
        return identity.clean(str(value or ""))

    def validate(self, value):
        """Raise ValidationError if it is missing, too short or too long."""
        super().validate(value)
        low, high = self.limits
        if value and not low <= len(value) <= (high or len(value)):
            said = {"low": low, "high": high, "length": len(value)}
            message = _("应为%(low)s至%(high)s个字，现有%(length)s个字。")
            if not low:
                message = _("不能超过%(high)s个字，现有%(length)s个字。")
            raise forms.ValidationError(message % said, code=_OF_A_LENGTH)
        if low and value and not identity.has_words(value):
            raise forms.ValidationError(_("请用文字写清楚，不能只有符号。"), code=_OF_A_LENGTH)


class PageForm(forms.Form):
    """A form whose errors can be listed at the top of the page, each with a link."""

    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)

    @classmethod
    def of(cls, request, **kwargs):
        """Return the form that a request sends; unjudged where only the display is to change."""
        if request.method == "POST" and not display.is_asked(request):
            return cls(request.POST, **kwargs)
        return cls(initial=request.POST.dict(), **kwargs)

    def summary(self):
        """Return [(id of the control, message)] in the order of the page."""
        found = [("", message) for message in self.non_field_errors()]
        for field in self:
            first = f"{field.auto_id}_0" if field.use_fieldset else field.auto_id
            first = "" if field.is_hidden else first
            found += [(first, _told(field, error)) for error in field.errors.as_data()]
        return found


def _told(field, error):
    """Return what is wrong with a field, to be read away from it."""
    (message,) = error.messages
    if error.code != _OF_A_LENGTH:
        return message
    return _("%(label)s：%(message)s") % {"label": field.label, "message": message}


# What browsers and keyboards are told of what is to be typed in.
PHONE = {"autocomplete": "tel", "inputmode": "tel"}
EMAIL = {"autocomplete": "email", "inputmode": "email"}
NUMBER = {"autocomplete": "off", "spellcheck": "false"}


def choice(label, choices, missing, widget=forms.RadioSelect, field=forms.ChoiceField, **kwargs):
    """Return a field to choose from. missing: what is said where nothing, or nothing offered, is chosen."""
    errors = {"required": missing, "invalid_choice": missing}
    return field(label=label, choices=choices, widget=widget, error_messages=errors, **kwargs)


def text(label, missing="", limits=(0, None), widget=forms.TextInput, help_text="", **attrs):
    """Return a field to type in. missing: what is said where it is empty, "" if it may be."""
    return CleanText(
        label=label,
        limits=limits,
        widget=widget({key.replace("_", "-"): value for key, value in attrs.items()}),
        help_text=help_text,
        required=bool(missing),
        error_messages={"required": missing},
    )


class Files(forms.ClearableFileInput):
    """A control that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files: a browser's chooser offers some types, cases/attachments.py judges."""

    def __init__(self):
        super().__init__(
            label=_("附件（可不传）"),
            required=False,
            widget=Files({"accept": "image/*,.heic,.heif,.pdf,.docx"}),
            help_text=lazy(attachments.what_is_taken, str)(),
        )

    def clean(self, data, initial=None):
        """Return the list of files."""
        files = data if isinstance(data, list | tuple) else [data]
        return [file for file in files if file]


class DoingForm(PageForm):
    """The form of one action of the table, with just the fields that its row names."""

    def __init__(self, row, *args, choices=None, takes_files=False, **kwargs):
        super().__init__(*args, **kwargs)
        text_label = wording.DOINGS[row.action].text_label
        yes_or_no = (("yes", _("是")), ("no", _("否")))
        for name in (*row.requires, *row.allows):
            field, label = FIELDS[name], wording.QUESTIONS.get(name, FIELDS[name].label)
            if field.type == TEXT:
                missing = _("请填写“%(label)s”。") % {"label": text_label}
                missing = missing if name in row.requires else ""
                self.fields[name] = text(
                    text_label, missing, (0, TEXT_LIMIT), forms.Textarea, rows=6
                )
            elif field.type in (YES_NO, CODE):
                offered = yes_or_no if field.type == YES_NO else field.choices
                offered = (choices or {}).get(name, offered)
                open_left = _("请选择：%(question)s") % {"question": label}
                self.fields[name] = choice(label, offered, open_left)
        if takes_files:
            self.fields["files"] = FilesField()

    def said(self):
        """Return the fields for perform; call it after is_valid()."""
        said = self.cleaned_data.items()
        return {name: value for name, value in said if value != "" and name != "files"}


class PhoneForm(PageForm):
    """The telephone to which a code is sent."""

    phone = text(
        _("手机号码"), _("请填写手机号码。"), help_text=_("写信时填写的手机号码。"), **PHONE
    )


class CodeForm(PageForm):
    """The code that was sent."""

    code = text(
        _("验证码"),
        _("请填写验证码。"),
        help_text=_("短信里的6位数字，10分钟内有效。"),
        autocomplete="one-time-code",
        inputmode="numeric",
    )


class OwnNumberForm(PageForm):
    """The writer's identity number, where more than a telephone is asked for; else nothing."""

    id_number = text(
        _("证件号码"),
        _("请填写证件号码。"),
        help_text=_("写这封信时填写的证件号码。"),
        **NUMBER,
    )

    def __init__(self, *args, needed, **kwargs):
        super().__init__(*args, **kwargs)
        if not needed:
            del self.fields["id_number"]


class CorrectionForm(PageForm):
    """What should be kept instead: a telephone, an e-mail address, or both."""

    phone = text(_("新的联系电话"), **PHONE)
    email = text(_("新的电子邮箱"), **EMAIL)


class CopyForm(PageForm):
    """The writer's identity number, for a copy in which who they are is whole."""

    id_number = text(
        _("证件号码（可不填）"),
        help_text=_("填写写信时的证件号码，身份资料就是完整的；不填，只有一部分。"),
        **NUMBER,
    )


class FollowForm(PageForm):
    """The receipt and the query code that open a letter."""

    receipt = text(
        _("受理编号"),
        _("请填写受理编号。"),
        help_text=_("例如 PA-7KQ2-M9XR-C9，在回执上。"),
        autocapitalize="characters",
        **NUMBER,
    )
    code = text(
        _("查询码"),
        _("请填写查询码。"),
        help_text=_("8位数字，在回执上。"),
        autocomplete="off",
        inputmode="numeric",
    )
