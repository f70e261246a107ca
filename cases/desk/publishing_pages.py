"""Answers that writers let be published: what waits, the text of each, and its review."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import publishing, receipts, worlds
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.refusals import NotFound, Refusal, Stale


class AnswerForm(forms.Form):
    """The redacted question and answer; publishing.write judges them."""

    title = forms.CharField(
        label=gettext_lazy("标题"), required=False, help_text=gettext_lazy("5至60个字。")
    )
    question = forms.CharField(
        label=gettext_lazy("问题"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "用自己的话概括，10至2000个字。不写姓名、地址、单位、日期等能认出来信人的内容。"
        ),
    )
    answer = forms.CharField(
        label=gettext_lazy("答复内容"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("10至5000个字。只留对大家有用的内容。"),
    )


@officer_page("GET", needs=having("triage_case", "review_reply"))
def waiting(request):
    """List the letters whose writers consent, and how far each answer is."""
    rows = [(case, _standing(case)) for case in publishing.cases_for(request.user)]
    context = {"title": _("公开答复"), "rows": rows}
    return show(request, "desk/publishing.html", context)


def _standing(case):
    """Return how far the public answer of a case is, in words."""
    kept = getattr(case.letter, "public_answer", None)
    if kept is None:
        return _("待写公开稿")
    if kept.published_at:
        return _("已公开")
    return _("审核退回") if kept.note else _("待审核")


@officer_page("GET", "POST", needs=having("triage_case", "review_reply"))
def one(request, receipt):
    """Show the text of one public answer; write it, publish it, or send it back."""
    try:
        receipt = receipts.parse(receipt)
    except receipts.BadReceipt:
        raise NotFound() from None
    case = publishing.case_for(request.user, receipt)
    form, refusal = AnswerForm(initial=publishing.begun(case)), None
    if request.method == "POST":
        try:
            _take(request, case)
            return redirect("desk:publishing")
        except NotFound:
            raise
        except Refusal as error:
            refusal = error
            case = publishing.case_for(request.user, receipt)  # as it stands now
            form = _refused(request, error) or form
    kept = getattr(case.letter, "public_answer", None)
    context = {
        "title": _("公开稿"),
        "case": case,
        "form": form,
        "kept": kept,
        "standing": _standing(case),
        "refusal": refusal,
        "newest": isinstance(refusal, Stale) and form.is_bound,
        "may_write": request.user.has_perm("cases.triage_case"),
        "may_review": request.user.has_perm("cases.review_reply"),
        "mine": kept is not None and kept.author_id == request.user.pk,
    }
    return show(request, "desk/publish.html", context, status=409 if refusal else 200)


def _refused(request, error):
    """Return the form with what was typed, what is wrong said at its field; None if nothing was written."""
    if request.POST.get("step") != "write":
        return None
    form = AnswerForm(request.POST)
    for name in error.fields:
        low, high = publishing.LIMITS[name]
        form.add_error(name, _("应为%(low)s至%(high)s个字。") % {"low": low, "high": high})
    return form


def _take(request, case):
    step, at = request.POST.get("step", ""), worlds.now()
    if step == "write":
        publishing.write(request.user, case, request.POST, at)
        messages.success(request, _("公开稿已保存，等待另一名民警审核。"))
    elif step == "publish":
        publishing.review(request.user, case, request.POST.get("version", ""), at)
        messages.success(request, _("已公开。"))
    elif step == "back":
        note = request.POST.get("note", "").strip()
        if not note:
            raise Refusal(_("退回的，请写明意见。"))
        publishing.review(request.user, case, request.POST.get("version", ""), at, note)
        messages.success(request, _("已退回修改。"))
    else:
        raise NotFound()
