"""Saved views (常用视图): lists that an officer comes back to, each a name for filters."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import identity, searching
from cases.desk import filters, words
from cases.desk.pages import officer_page, show
from cases.models import SavedView
from cases.refusals import NotFound

MOST = 20
NAME_LIMIT = SavedView._meta.get_field("name").max_length


def of(user):
    """Return an officer's saved views, in the order in which they were saved."""
    return list(SavedView.objects.filter(officer=user).order_by("pk")[:MOST])


def default_of(user):
    """Return the address of the list that this officer's desk opens with, or ""."""
    view = SavedView.objects.filter(officer=user, is_default=True).first()
    return reverse("desk:list") + address_of(view) if view else ""


def address_of(view):
    """Return the filters of a saved view as an address; its words stand there by a key."""
    key = words.key_of(view)
    return view.address + (f"&words={key}" if key else "")


@officer_page("GET", "POST")
def views(request):
    """Show my views to rename, delete or choose from; by POST, save the filters of an address."""
    if request.method == "GET":
        return _page(request)
    asked = filters.read(QueryDict(request.POST.get("address", "")[1:]), request)
    name = _name(request)
    wrong = _wrong(name) or _tells_who(f"{name} {asked.q}") or _lost(asked)
    wrong = wrong or _saved(request.user, name, asked)
    if wrong:
        return _page(request, wrong, name, address=asked.address())
    messages.success(request, _("已存为视图“%(name)s”。") % {"name": name})
    view = SavedView.objects.get(officer=request.user, name=name)
    return redirect(reverse("desk:list") + address_of(view))


@officer_page("POST")
def change(request, pk, action):
    """Rename or delete a view of mine, or let it be the one that the desk opens with, or no longer."""
    mine = SavedView.objects.filter(officer=request.user)
    view = mine.filter(pk=pk).first()
    if view is None or action not in ("rename", "delete", "default", "plain"):
        raise NotFound()
    if action == "rename":
        name = _name(request)
        others = mine.exclude(pk=pk)
        wrong = _wrong(name) or _tells_who(name) or _taken(others, name)
        if wrong or not _changed(mine.filter(pk=pk), name=name):
            return _page(request, wrong or _taken(others, name), name, renamed=pk)
    elif action == "delete":
        view.delete()
    else:
        mine.filter(is_default=True).update(is_default=False)
        _changed(mine.filter(pk=pk), is_default=action == "default")
    return redirect("desk:views")


def _page(request, wrong="", typed="", address="", renamed=None):
    """Return the page of my views; wrong: why what was typed, as a new or another name, is not."""
    context = {
        "title": _("常用视图"),
        "views": [(view, address_of(view)) for view in of(request.user)],
        "wrong": wrong,
        "typed": typed,
        "address": address,
        "renamed": renamed,
        "name_limit": NAME_LIMIT,
    }
    return show(request, "desk/views.html", context, status=409 if wrong else 200)


def _changed(view, **columns):
    """Change a view; return whether no other tab has taken its name or place in the same instant."""
    try:
        view.update(**columns)
    except IntegrityError:
        return False
    return True


def _name(request):
    return " ".join(identity.clean(request.POST.get("name", "")).split())


def _wrong(name):
    if 1 <= len(name) <= NAME_LIMIT:
        return ""
    return _("名称应为1至%(limit)s个字。") % {"limit": NAME_LIMIT}


def _tells_who(said):
    """Return why words or a name cannot be kept, or "": a number would stand there open for good."""
    if not searching.may_tell_who(said):
        return ""
    return _("名称或查找的词里有号码或电子邮箱，不能存为视图。请先清除再存。")


def _lost(asked):
    return _("查找的词已不再保留，请在列表上重新输入再存。") if asked.is_lost else ""


def _taken(views, name):
    return _("已有同名的视图，请换一个名称。") if views.filter(name=name).exists() else ""


def _saved(user, name, asked):
    """Save a view, once however often it is sent; return why not, or ""."""
    mine, kept = SavedView.objects.filter(officer=user), {"address": asked.address(words="")}
    kept["words"] = asked.q
    if mine.filter(name=name, **kept).exists():
        return ""
    if mine.count() >= MOST:
        return _("最多保存%(most)s个视图，请先删除不用的。") % {"most": MOST}
    taken = _taken(mine, name)
    if not taken:
        view = SavedView(officer=user, name=name, **kept)
        SavedView.objects.bulk_create([view], ignore_conflicts=True)
    return taken
