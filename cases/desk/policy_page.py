"""时限与规则: the rules in force in words, their versions, and the way to a new one."""

import hashlib
from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases import in_force, policy, policy_text, recomputing, worlds
from cases.desk import policy_words
from cases.desk.pages import officer_page, show
from cases.desk.policy_form import PolicyForm
from cases.desk.rights import OF_A_UNIT, having
from cases.identity import fold
from cases.models import PolicyVersion, Recomputation
from cases.refusals import NotFound

MAY_CHANGE = "add_policyversion"
_PAGE = 50
_MINUTE = timedelta(minutes=1)


@officer_page("GET", needs=OF_A_UNIT)
def rules(request):
    """Show the promises of each level, kinds with the same ones in one column, and the other rules."""
    now, asked = worlds.now(), fold(request.GET.get("version", ""))
    loaded, chosen, before = in_force.policy(now), None, None
    versions = _versions() if worlds.current().live else []
    if asked:
        chosen = next((v for v in versions if str(v.pk) == asked), None)
        if chosen is None:
            raise NotFound()
        loaded = policy.read(chosen.text, "")
        before = _before(chosen)
    context = {
        "title": _("时限与规则"),
        "levels": [
            (policy_words.LEVELS[level], *policy_words.table(loaded, level))
            for level in policy.LEVELS
        ],
        "rules": policy_words.rules(loaded),
        "versions": versions[:_PAGE],
        "chosen": chosen,
        "changes": policy_words.differences(before, loaded) if before else [],
        "in_force": next((v for v in versions if v.valid_from <= now), None),
        "may_change": may_change(request.user),
        "recomputed": Recomputation.objects.order_by("-pk").first() if versions else None,
    }
    return show(request, "desk/policy.html", context)


@officer_page("GET", "POST", needs=having(MAY_CHANGE))
def new_version(request):
    """Show the form of a new version; by POST what it would change, then, seen that, save it."""
    if not may_change(request.user):
        raise NotFound()
    newest, text = policy_text.newest()
    if request.method == "GET":
        return _show(request, PolicyForm(text, newest), newest)
    form = PolicyForm(text, newest, request.POST)
    if not form.is_valid():
        return _show(request, form, newest, status=400)
    if request.POST.get("base", "") != _key(newest):
        form.add_error(None, _("别人刚保存了新的一版，下面的改动与它比较，请再看一遍。"))
        return _show(request, form, newest, preview=_preview(form, text), status=409)
    seen = request.POST.get("seen") == _digest(form)
    if request.POST.get("do") != "save" or not seen:
        return _show(request, form, newest, preview=_preview(form, text))
    return _save(request, form, newest)


@officer_page("POST", needs=having(MAY_CHANGE))
def withdraw(request, pk):
    """Delete a version that is not in force yet, as long as no process can have begun to use it."""
    if not may_change(request.user):
        raise NotFound()
    later = worlds.now() + in_force.LEAD
    gone, _kinds = PolicyVersion.objects.filter(pk=pk, valid_from__gt=later).delete()
    in_force.forget()
    if gone:
        messages.success(request, _("已撤回尚未生效的规则。"))
    else:
        messages.error(request, _("这一版已经生效，或马上就要生效，不能撤回。请另立新的一版。"))
    return redirect("desk:policy")


def may_change(user):
    """Return whether an officer may make a new version; from a run's world nobody may."""
    return user.has_perm(f"cases.{MAY_CHANGE}") and worlds.current().live


def _versions():
    return list(PolicyVersion.objects.select_related("made_by"))


def _before(version):
    """Return the policy that a version followed."""
    earlier = PolicyVersion.objects.filter(valid_from__lt=version.valid_from).first()
    return policy.read(earlier.text, "") if earlier else policy.load()


def _show(request, form, newest, preview=None, status=200):
    form.begin_at_the_fault()
    context = {
        "title": _("新的一版规则"),
        "form": form,
        "base": _key(newest),
        "newest": newest,
        "preview": preview,
    }
    return show(request, "desk/policy_new.html", context, status=status)


def _key(version):
    return str(version.pk) if version else ""


def _digest(form):
    """Return what says that the preview showed just what is now sent."""
    said = f"{form.new_text}|{form.cleaned_data['valid_from']}"
    return hashlib.sha256(said.encode()).hexdigest()


def _preview(form, text):
    """Return what a version would change, and how many open letters get other limits by it."""
    now = worlds.now()
    since = form.cleaned_data["valid_from"] or now
    versions = in_force.versions().with_one_more(since, form.policy)
    count, looked = recomputing.count_moved(versions, max(since, now))
    return {
        "changes": policy_words.differences(policy.read(text, ""), form.policy),
        "moved": count,
        "looked": looked,
        "since": form.cleaned_data["valid_from"],
        "digest": _digest(form),
    }


def _save(request, form, newest):
    now = worlds.now()
    soonest = (now + in_force.LEAD + _MINUTE).replace(second=0, microsecond=0)
    since = form.cleaned_data["valid_from"] or soonest
    if newest and since <= newest.valid_from:
        form.add_error("valid_from", _("生效时间应晚于上一版的生效时间。"))
        return _show(request, form, newest, status=400)
    said = {"text": form.new_text, "note": form.cleaned_data["note"]}
    _version, is_mine = PolicyVersion.objects.get_or_create(
        valid_from=since, defaults={**said, "made_by": request.user, "made_at": now}
    )
    if not is_mine:  # another was saved for the same moment
        form.add_error("valid_from", _("别人刚保存了同一时间生效的一版，请再看一遍。"))
        return _show(request, form, newest, status=409)
    in_force.forget()
    messages.success(request, _("新的一版已保存，到生效时间自动启用，不用重新启动。"))
    return redirect("desk:policy")
