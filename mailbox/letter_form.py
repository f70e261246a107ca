"""The form of a letter: what may be typed, and the Submission that it makes."""

import uuid
from functools import cache
from operator import attrgetter

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases import acting, identity, worlds
from cases.calendars import SHANGHAI
from cases.characters import simplified
from cases.fields import CATEGORIES, KINDS
from cases.intake import (
    BODY_LIMITS,
    PLACE_LIMIT,
    TITLE_LIMITS,
    Submission,
    is_mailbox,
    key_of,
    units_for,
)
from cases.models import Unit
from mailbox import ways, wording
from mailbox.forms import EMAIL, NUMBER, PHONE, CleanText, FilesField, PageForm, choice, text
from mailbox.phone_check import takes_messages

PERSON = ("name", "phone", "id_type", "id_number", "email")
ACTING = ("acting", *acting.TOLD.values(), "consent")
CONTACT = (*PERSON, "notify")
GUARDIAN = (*acting.GUARDIAN, "guardian_consent")
_OF_CHILD = {
    "guardian": _("您未满14周岁，请填写监护人的姓名。"),
    "guardian_phone": _("您未满14周岁，请填写监护人的电话。"),
    "guardian_consent": _("您未满14周岁，写信要得到监护人同意。"),
}
_PAGE_EXPIRED = _("页面已过期，请再按一次“提交”。")
_MANY = 12  # more units than this are not offered to choose from

KIND_EXAMPLES = {
    "consult": _("例如：办护照要带什么材料？"),
    "help": _("例如：家人走失，请帮忙查找。"),
    "complaint": _("例如：派出所对报案没有答复。"),
    "report": _("例如：发现有人开设赌场。"),
    "suggestion": _("例如：建议路口增设左转灯。"),
    "praise": _("例如：感谢民警帮我找回钱包。"),
    "other": _("以上都不合适时选这一项。"),
}


class MailboxField(forms.ChoiceField):
    """A mailbox: all of them are fetched where they are shown, only the chosen one to judge it."""

    def valid_value(self, value):
        """Return whether this can be a code at all; the form looks for its unit."""
        return identity.clean(value) == value


class LetterForm(PageForm):
    """A letter to the department or to a city's bureau."""

    key = CleanText(widget=forms.HiddenInput, error_messages={"required": _PAGE_EXPIRED})
    mailbox = choice(_("写给哪个信箱"), (), _("请选择信箱。"), forms.Select, MailboxField)
    kind = choice(_("信件类别"), KINDS, _("请选择信件类别。"))
    category = choice(
        _("业务类别"), [("", _("请选择")), *CATEGORIES], _("请选择业务类别。"), forms.Select
    )
    title = text(
        _("标题"),
        _("请填写标题。"),
        TITLE_LIMITS,
        help_text=_("用一句话说明什么事，5至50个字。"),
        data_count=TITLE_LIMITS[1],
    )
    body = text(
        _("内容"),
        _("请填写内容。"),
        BODY_LIMITS,
        forms.Textarea,
        _("写清时间、地点、经过和您的诉求，10至2000个字。一封信请只写一件事。"),
        data_count=BODY_LIMITS[1],
        rows=10,
    )
    place = text(
        _("事情发生的地点（可不填）"),
        limits=(0, PLACE_LIMIT),
        help_text=_("例如：惠东县平山街道××路××号。"),
    )
    name = text(_("姓名"), _("请填写姓名。"), autocomplete="name")
    phone = text(
        _("联系电话"),
        _("请填写联系电话。"),
        help_text=_("办理单位会打这个电话与您联系；举报和保密来信，办理单位看不到。"),
        **PHONE,
    )
    id_type = choice(_("证件类型"), identity.ID_TYPES, _("请选择证件类型。"), forms.Select)
    id_number = text(
        _("证件号码"), _("请填写证件号码。"), help_text=_("用于核实是您本人来信。"), **NUMBER
    )
    email = text(_("电子邮箱（可不填）"), help_text=_("有新消息时会发邮件提醒您。"), **EMAIL)
    notify = choice(
        _("有新消息时怎样告诉您"),
        ways.OFFERED,
        _("请选择怎样告诉您。"),
        required=False,
        help_text=_("通知里没有信的内容。短信只发到内地、香港、澳门、台湾的手机。以后可以改。"),
    )
    acting = choice(
        _("您为谁写信"), acting.ACTING, _("请选择您为谁写信。"), initial=acting.SELF, required=False
    )
    for_person = text(_("您替谁写信"), help_text=_("写那个人的姓名。下面“您是谁”仍填您自己。"))
    together = text(
        _("其他代表的姓名"),
        widget=forms.Textarea,
        rows=2,
        help_text=_("连您在内最多5人，用顿号隔开，例如：张三、李四。答复告诉您，请您转告他们。"),
    )
    company = text(_("单位全称"), help_text=_("与营业执照或登记证上的一致。"))
    consent = forms.BooleanField(
        label=_("我已经得到他们本人、监护人或这个单位的同意"), required=False
    )
    guardian = text(_("父亲、母亲或其他监护人的姓名"))
    guardian_phone = text(
        _("监护人的电话"), help_text=_("我们可能打这个电话核实。"), inputmode="tel"
    )
    guardian_consent = forms.BooleanField(label=_("监护人知道并同意我写这封信"), required=False)
    confidential = forms.BooleanField(
        label=_("请为我保密"),
        required=False,
        help_text=_("办理单位看不到您的身份，只有信箱专班中经授权的人能看到。举报一律如此办理。"),
    )
    accused = text(
        _("您反映的公安单位（可不填）"),
        limits=(0, PLACE_LIMIT),
        help_text=_("这个单位和它的下级看不到来信，也不能办理。写单位名称，例如：白云分局。"),
    )
    accused_unit = forms.ChoiceField(
        label=_("您指的是哪个单位"), required=False, widget=forms.RadioSelect
    )
    attachments = FilesField()

    def __init__(self, *args, only=None, known=None, **kwargs):
        """only: the fields of one step, None for all. known: what the other steps have told."""
        super().__init__(*args, **kwargs)
        self.known = known or {}
        self.candidates, self.person = [], {}
        self.units = None  # those that the letter names, looked up once for all who ask
        self.fields["key"].initial = uuid.uuid4
        self.fields["mailbox"].choices = cache(_mailbox_choices)
        chosen = self.data.get("accused_unit", "")  # judged in _accused, which knows the choices
        self.fields["accused_unit"].choices = [(chosen, chosen)]
        for name in [name for name in self.fields if only is not None and name not in only]:
            del self.fields[name]

    def kinds(self):
        """Return [(radio button, example)]."""
        return [(radio, KIND_EXAMPLES[radio.data["value"]]) for radio in self["kind"]]

    def others(self):
        """Return the fields for those who write for others, or are children."""
        return [self[name] for name in (*ACTING, *GUARDIAN)]

    def others_open(self):
        """Say whether any of these fields holds something, or is wrong."""
        held = (self[name].value() for name in (*ACTING[1:], *GUARDIAN))
        wrong = set(self.errors) & {*ACTING, *GUARDIAN}
        return any(held) or bool(wrong) or self["acting"].value() not in (None, "", acting.SELF)

    def clean_mailbox(self):
        """Return the code of a mailbox that can be written to."""
        code = self.cleaned_data["mailbox"]
        self.units = units_for({code})
        if not is_mailbox(code, self.units):
            raise forms.ValidationError(self.fields["mailbox"].error_messages["invalid_choice"])
        return code

    def clean_key(self):
        """Return the key as a UUID."""
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            raise forms.ValidationError(_PAGE_EXPIRED) from None

    def clean(self):
        """Check the person, for whom they write, and find the accused unit."""
        said = super().clean()
        self.person, wrong = acting.checked(self._typed_of_person(said), today=today())
        for name in acting.lacking_for_child(self.person, said, today()):
            wrong.setdefault(name, _OF_CHILD[name])
        for name, message in wrong.items():
            if name in self.fields:
                self.add_error(name, message)
        phone = self.person.get("phone", "")
        if said.get("notify") in ways.BY_MESSAGE and phone and not takes_messages(phone):
            self.add_error("notify", _("您填的号码收不到短信，请选别的方式，或改填手机号码。"))
        if "accused" in self.fields:
            said["accused_unit"] = self._accused(said)
        return said

    def _typed_of_person(self, said):
        names = (*PERSON, *ACTING, *acting.GUARDIAN)
        typed = {name: said.get(name, self.known.get(name)) or "" for name in names}
        return {**typed, "consent": "yes" if typed["consent"] else ""}

    def _accused(self, said):
        """Return the code of the unit whose name was typed, or "" with an error that helps."""
        text = simplified(said.get("accused") or "").casefold()
        if not text or "accused" in self.errors:
            return ""
        names = {
            unit: tuple(map(str.casefold, (unit.name, full, unit.name_en)))
            for unit, full in _full_names().items()
        }
        found = [unit for unit, named in names.items() if any(text in name for name in named)]
        exact = [unit for unit in found if text in names[unit]]
        picked = [unit for unit in found if unit.code == self.data.get("accused_unit")]
        for units in (picked, exact, found):
            if len(units) == 1:
                if self.units:
                    self.units[units[0].code] = units[0]
                return self._not_the_mailbox(units[0], said)
        if not found:
            self.add_error("accused", _("没有找到这个单位。可以只写名称的一部分，或留空。"))
        elif len(found) > _MANY:
            self.add_error("accused", _("符合的单位太多，请把名称写得更完整。"))
        else:
            shown = names_in_full()
            self.fields["accused_unit"].choices = [(unit.code, shown[unit.code]) for unit in found]
            self.candidates = found
            self.add_error("accused_unit", _("有几个单位符合，请选择。"))
        return ""

    def _not_the_mailbox(self, unit, said):
        code = said.get("mailbox", self.known.get("mailbox"))
        mailbox = Unit.objects.filter(code=code).first()
        if mailbox and mailbox.is_within(unit):
            message = _("这个单位管着您选的信箱，应当回避。请改寄厅长信箱，或拨打12389。")
            self.add_error("accused", message)
        return unit.code

    def submission(self, language):
        """Return what was typed as a Submission; call it after is_valid()."""
        said = self.cleaned_data
        same = ("mailbox", "kind", "category", "title", "body", "place")
        return Submission(
            **{name: said[name] for name in same},
            confidential=said.get("confidential", False),
            person=self.person,
            accused_unit=said.get("accused_unit", ""),
            language=language,
            idempotency_key=key_of("page", said["key"]),
        )


def today():
    """Return the day that it is in Guangdong: people are as old as they are there."""
    return worlds.now().astimezone(SHANGHAI).date()


def _full_names(name=attrgetter("name"), between=""):
    """Return {unit: its name after those of the city and district above it}, in order of code."""
    units = {unit.code: unit for unit in Unit.objects.filter(active=True).order_by("path")}
    return {
        unit: between.join(
            name(units[code]) for code in unit.path.split("/")[1:-1] if code in units
        )
        or name(unit)
        for unit in units.values()
    }


def names_in_full():
    """Return {code of a unit: its name after those of the units above it, in the reader's language}."""
    between = ", " if get_language() == "en" else ""
    named = _full_names(wording.unit_name, between)
    return {unit.code: name for unit, name in named.items()}


def mailboxes():
    """Return the units that can be written to, the department before the cities."""
    boxes = Unit.objects.filter(is_mailbox=True, active=True)
    return sorted(boxes, key=lambda unit: (unit.level != "department", unit.pinyin))


def _mailbox_choices():
    return [("", _("请选择"))] + [(unit.code, mailbox_name(unit)) for unit in mailboxes()]


def mailbox_name(unit):
    """Return what a mailbox is called: 厅长信箱 or 局长信箱 of its unit."""
    names = {"department": _("%(unit)s厅长信箱"), "city": _("%(unit)s局长信箱")}
    return names[unit.level] % {"unit": wording.unit_name(unit)}
