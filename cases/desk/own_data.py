"""What writers ask to have done with what is kept of them: the desk's short list, and the answer."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases import access, crypto, own_data, worlds
from cases.desk.case_page import labelled
from cases.desk.pages import officer_page, show
from cases.desk.rights import SETTLES
from cases.models import DataRequest


@officer_page("GET", "POST", needs=SETTLES)
def own_data_page(request):
    """List the requests that wait, and settle one."""
    refusal = _settle(request) if request.method == "POST" else ""
    if request.method == "POST" and not refusal:
        return redirect("desk:own-data")
    refused = request.POST.get("request", "")
    rows = [
        {
            "asked": one,
            "kept": labelled(access.identity_for(request.user, one.letter.case)),
            "wished": labelled(own_data.wished(one)),
            "refusal": refusal if str(one.pk) == refused else "",
        }
        for one in own_data.requests_for(request.user)
    ]
    context = {"title": _("个人资料申请"), "rows": rows, "reasons": DataRequest.REASONS}
    return show(request, "desk/own_data.html", context, status=400 if refusal else 200)


def _settle(request):
    """Settle the request that was posted; return what is missing, or ""."""
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    if decision not in dict(DataRequest.DECISIONS):
        return _("请选择“同意”或“不同意”。")
    if decision == DataRequest.REFUSED and reason not in dict(DataRequest.REASONS):
        return _("不同意的，请选择理由。")
    reason = reason if decision == DataRequest.REFUSED else ""
    try:
        settled = own_data.decide(
            request.user, request.POST.get("request", ""), reason, worlds.now()
        )
    except crypto.SealError:  # its key is lost
        return _("申请要改成什么，已无法读取。请选择“不同意”，来信人可以重新申请。")
    if settled:
        messages.success(request, _("已处理，来信人查看时会看到结果。"))
    else:
        messages.info(request, _("这项申请已经处理过了。"))
    return ""
