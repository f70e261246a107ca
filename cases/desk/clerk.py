"""代录: a clerk enters a letter that came on paper, by telephone or at the counter."""

import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import acting, actors, alarms, attachments, identity, kept_files, worlds
from cases.calendars import SHANGHAI
from cases.desk.forms import Files
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.fields import CATEGORIES, KINDS
from cases.identity import clean
from cases.intake import (
    BODY_LIMITS,
    LANGUAGE,
    PLACE_LIMIT,
    TITLE_LIMITS,
    Submission,
    intake,
    key_of,
)
from cases.models import Letter, Unit
from cases.refusals import Refusal

_NOTHING_CHOSEN = ("", gettext_lazy("请选择"))
# How a letter that a clerk enters may have come.
WAYS = tuple(way for way in Letter.CHANNELS if way[0] in ("paper", "phone", "counter"))
_PERSON = ("name", "phone", "id_type", "id_number", "email", *acting.ASKED)
_ACTING = (
    (acting.SELF, gettext_lazy("为来信人自己")),
    (acting.OTHER, gettext_lazy("替别人")),
    (acting.JOINT, gettext_lazy("几个人联名")),
    (acting.COMPANY, gettext_lazy("代表单位")),
)
_WRONG = {
    "mailbox": gettext_lazy("请选择信箱。"),
    "kind": gettext_lazy("请选择信件类别。"),
    "category": gettext_lazy("请选择业务类别。"),
    "title": gettext_lazy("标题应为%(low)s至%(high)s个字。"),
    "body": gettext_lazy("内容应为%(low)s至%(high)s个字。"),
    "place": gettext_lazy("地点不能超过%(high)s个字。"),
    "accused_unit": gettext_lazy("没有这个单位，或它已停用。"),
    "language": gettext_lazy("请选择语言。"),
}
_OF_CHILD = {
    "guardian": gettext_lazy("来信人未满14周岁，请填写监护人的姓名。"),
    "guardian_phone": gettext_lazy("来信人未满14周岁，请填写监护人的电话。"),
    "guardian_consent": gettext_lazy("来信人未满14周岁，须得到监护人同意。"),
}
_LIMITS = {"title": TITLE_LIMITS, "body": BODY_LIMITS, "place": (0, PLACE_LIMIT)}


class LetterForm(forms.Form):
    """A letter as the clerk reads it. intake judges it; here are only labels and choices."""

    channel = forms.CharField(
        label=gettext_lazy("怎样来的"), widget=forms.Select(choices=(_NOTHING_CHOSEN, *WAYS))
    )
    mailbox = forms.CharField(label=gettext_lazy("信箱"))
    kind = forms.CharField(
        label=gettext_lazy("信件类别"), widget=forms.Select(choices=(_NOTHING_CHOSEN, *KINDS))
    )
    category = forms.CharField(
        label=gettext_lazy("业务类别"), widget=forms.Select(choices=(_NOTHING_CHOSEN, *CATEGORIES))
    )
    title = forms.CharField(label=gettext_lazy("标题"))
    body = forms.CharField(label=gettext_lazy("内容"), widget=forms.Textarea(attrs={"rows": 10}))
    place = forms.CharField(label=gettext_lazy("地点（可不填）"))
    accused_unit = forms.CharField(label=gettext_lazy("被反映的单位（可不填）"))
    name = forms.CharField(label=gettext_lazy("来信人姓名"))
    phone = forms.CharField(
        label=gettext_lazy("电话"), widget=forms.TextInput(attrs={"type": "tel"})
    )
    id_type = forms.CharField(
        label=gettext_lazy("证件类型"), widget=forms.Select(choices=identity.ID_TYPES)
    )
    id_number = forms.CharField(label=gettext_lazy("证件号码（可不填）"))
    email = forms.CharField(label=gettext_lazy("电子邮箱（可不填）"))
    language = forms.CharField(
        label=gettext_lazy("用什么语言通知来信人"), widget=forms.Select(choices=settings.LANGUAGES)
    )
    acting = forms.CharField(label=gettext_lazy("为谁写信"), widget=forms.Select(choices=_ACTING))
    for_person = forms.CharField(label=gettext_lazy("替谁写信"))
    together = forms.CharField(
        label=gettext_lazy("其他代表的姓名"),
        help_text=gettext_lazy("连来信人在内最多5人，用顿号隔开。"),
    )
    company = forms.CharField(label=gettext_lazy("单位全称"))
    consent = forms.BooleanField(label=gettext_lazy("来信人说已得到他们本人或这个单位的同意"))
    guardian = forms.CharField(label=gettext_lazy("监护人的姓名"))
    guardian_phone = forms.CharField(
        label=gettext_lazy("监护人的电话"), widget=forms.TextInput(attrs={"type": "tel"})
    )
    guardian_consent = forms.BooleanField(label=gettext_lazy("监护人知道并同意写这封信"))
    attachments = forms.FileField(label=gettext_lazy("附件（可不传）"), widget=Files)
    confidential = forms.BooleanField(label=gettext_lazy("来信人要求对办理单位保密身份"))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, **kwargs):
        super().__init__(data, label_suffix="", **kwargs)
        units = list(Unit.objects.filter(active=True))
        boxes = [(unit.code, unit.name) for unit in units if unit.is_mailbox]
        self.fields["mailbox"].widget = forms.Select(choices=[_NOTHING_CHOSEN, *boxes])
        accused = [(unit.code, unit.name) for unit in units]
        self.fields["accused_unit"].widget = forms.Select(choices=[_NOTHING_CHOSEN, *accused])
        self.fields["attachments"].widget.attrs |= {"multiple": True}
        self.fields["attachments"].help_text = attachments.what_is_taken()
        for name, field in self.fields.items():
            field.required = False
            field.widget.attrs["autocomplete"] = "off"
            if name in _LIMITS:
                field.widget.attrs["maxlength"] = _LIMITS[name][1]

    def refuse(self, wrong):
        """Show what is wrong, {name: message}."""
        self.full_clean()
        for name, message in wrong.items():
            self.add_error(name if name in self.fields else None, message)

    def typed(self, name):
        """Return what was typed into one field."""
        return self.data.get(name, "").strip()

    def others_open(self):
        """Say whether something is typed of those written for, or of a guardian, or is wrong there."""
        for_others = self.typed("acting") not in ("", acting.SELF)
        held = any(self.typed(name) or name in self.errors for name in acting.ASKED[1:])
        return for_others or held


@officer_page("GET", "POST", needs=having("enter_letter"))
def enter_letter(request):
    """Show the form; keep the letter; show receipt and query code once, for the writer."""
    if request.method == "GET":
        first = {"key": uuid.uuid4(), "mailbox": request.user.unit and request.user.unit.code}
        return _page(request, LetterForm(initial=first))
    form = LetterForm(request.POST)
    kept = kept_files.sent(request, "attachments", _whose(request), worlds.current().mark)
    person, wrong = _person(form)
    submission = _submission(form, person, _whose(request))
    submission.attachments = kept.stored
    known = Letter.objects.filter(idempotency_key=submission.idempotency_key).first()
    is_another = known is not None and _is_another(submission, known)
    if kept.error and (is_another or not known):
        wrong["attachments"] = kept.error
    if submission.channel not in dict(WAYS):
        wrong["channel"] = _("请选择来信是怎样来的。")
    if is_another:
        # The browser's way back led to a form that had been sent: its key is taken.
        form.data = {**form.data.dict(), "key": uuid.uuid4()}
        wrong[""] = _("上一封已经收下。这一封不同，请再按一次“录入”，作为新的来信。")
    receipt = None if wrong else _keep(request, submission, wrong)
    if receipt is None:
        form.refuse(wrong)
        return _page(request, form, kept, status=400)
    attachments.discard_unclaimed(kept.stored)  # of a letter that was kept before
    context = {
        "title": _("代录来信"),
        "receipt": receipt,
        "letter": Letter.objects.select_related("mailbox").get(receipt=receipt.receipt),
        "site": settings.SITE_URL,
        "alarm": alarms.find(submission.title, submission.body),
    }
    return show(request, "desk/entered.html", context)


def _whose(request):
    return f"letters entered by {request.user.pk} in {worlds.current().schema}"


def _page(request, form, kept=None, status=200):
    context = {"title": _("代录来信"), "form": form, "kept": kept}
    return show(request, "desk/enter.html", context, status=status)


def _keep(request, submission, wrong):
    """Keep the letter and return its Receipt; else None, after filling `wrong`."""
    try:
        return intake(submission, actor=actors.officer(request.user), at=worlds.now())
    except Refusal as refusal:
        wrong.update(_messages(refusal))
    return None


def _is_another(s, known):
    """Return whether a letter's key has already brought one that says something else."""
    said = (s.mailbox, s.kind, " ".join(clean(s.title).split("\n")), clean(s.body))
    return said != (known.mailbox.code, known.kind, known.title, known.body)


def _person(form):
    """Return (the person as typed and checked, {field: what is wrong})."""
    typed = {name: form.typed(name) for name in _PERSON}
    typed["consent"] = "yes" if typed["consent"] else ""
    today = worlds.now().astimezone(SHANGHAI).date()
    person, wrong = acting.checked(typed, today=today)
    for name in acting.lacking_for_child(person, typed, today):
        wrong.setdefault(name, _OF_CHILD[name])
    for name in ("name", "phone"):
        if not typed[name]:
            wrong[name] = _("请填写姓名和电话，否则无法联系来信人。")
    return person, wrong


def _submission(form, person, whose):
    try:
        key = uuid.UUID(form.typed("key"))
    except ValueError:
        key = uuid.uuid4()
    names = ("mailbox", "kind", "category", "title", "body", "place", "accused_unit")
    return Submission(
        **{name: form.typed(name) for name in names},
        person=person,
        confidential=bool(form.typed("confidential")),
        channel=form.typed("channel"),
        language=form.typed("language") or LANGUAGE,
        idempotency_key=key_of(whose, key),
    )


def _messages(refusal):
    """Return {field: message} of what intake refuses."""
    wrong = {}
    for name in refusal.fields:
        low, high = _LIMITS.get(name, (0, 0))
        wrong[name] = str(_WRONG[name]) % {"low": low, "high": high}
    return wrong or {"": str(refusal.message)}
