"""The table of rights: every page of officers and planners, and what it needs.

Made from the addresses themselves: a page that says nothing of its rights is an error.
"""

from dataclasses import dataclass

from django.contrib import admin
from django.urls import URLPattern, get_resolver

from cases.desk.rights import SIGNED_IN, Need
from cases.models import Unit

PREFIXES = ("desk/", "admin/", "simulation/")
ANYONE = Need("nothing", lambda user: True)
# The door: for who is not signed in, or only half.
DOOR = {
    "second-factor",
    "new-password",
    "password_reset",
    "password_reset_done",
    "password_reset_confirm",
    "password_reset_complete",
    "admin:login",
}
# Of Django's admin, and about the officer themself.
OWN = {
    "second-factor-own",
    "session",
    "admin:index",
    "admin:logout",
    "admin:password_change",
    "admin:password_change_done",
    "admin:jsi18n",
    "admin:app_list",
    "admin:",
}
_SEES, _CHANGES = "has_view_or_change_permission", "has_change_permission"
# How the admin's addresses of a model end, what its page asks for, and what a POST asks for.
_MODEL_PAGES = {
    "cases_case_changelist": (_SEES, _CHANGES),
    "cases_case_history": (_SEES, _CHANGES),
    "changelist": (_SEES, _SEES),
    "add": ("has_add_permission",) * 2,
    "import": (_CHANGES,) * 2,
    "history": (_SEES, _SEES),
    "delete": ("has_delete_permission",) * 2,
    "second_factor": (_CHANGES,) * 2,
    "sessions": (_CHANGES,) * 2,
    "password_change": (_CHANGES,) * 2,
    "change": (_SEES, _CHANGES),
}


@dataclass(frozen=True)
class Page:
    """One address: its pattern and name, its view, and what it needs by GET and by POST."""

    route: str
    name: str
    view: object
    methods: tuple
    needs: Need
    posts: Need


class Undeclared(LookupError):
    """A page says nothing of what it needs."""


def pages():
    """Return every Page. Raises: Undeclared."""
    found = _walk(get_resolver(), "", "")
    return [_page(*one) for one in found if one[0].startswith(PREFIXES)]


def _walk(resolver, route, space):
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLPattern):
            yield here, f"{space}{pattern.name or ''}", pattern.callback
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, here, inner)


def _page(route, name, view):
    if hasattr(view, "needs"):
        return Page(route, name, view, view.methods, view.needs, view.posts)
    if name in DOOR or route == "admin/login/":
        return Page(route, name, view, ("GET", "POST"), ANYONE, ANYONE)
    if name in OWN or route == "admin/password_change/":
        return Page(route, name, view, ("GET", "POST"), SIGNED_IN, SIGNED_IN)
    if name == "admin:autocomplete":  # of units alone
        return Page(
            route, name, view, ("GET",), *[_need(admin.site.get_model_admin(Unit), _SEES)] * 2
        )
    return Page(route, name, view, ("GET", "POST"), *_needs_of_model(route, name))


def _needs_of_model(route, name):
    """Return what the stock admin asks for on a page of a model, by GET and by POST."""
    kept = {f"admin/{m._meta.app_label}/{m._meta.model_name}/": a for m, a in _registered()}
    for start, model_admin in kept.items():
        if route.startswith(start):
            if name == "admin:" or route == f"{start}<path:object_id>/":
                return SIGNED_IN, SIGNED_IN  # leads to the page of changing
            for ending, asked in _MODEL_PAGES.items():
                if name.endswith(ending):
                    return tuple(_need(model_admin, one) for one in asked)
    raise Undeclared(f"{route} ({name}) says nothing of what it needs")


def _registered():
    return admin.site._registry.items()


def _need(model_admin, asked):
    verb = asked.removeprefix("has_").removesuffix("_permission").replace("_or_", " or ")
    words = f"to {verb} {model_admin.opts.model_name}"
    return Need(words, lambda user: getattr(model_admin, asked)(_Asking(user)))


class _Asking:
    """As much of a request as the admin's questions need."""

    def __init__(self, user):
        self.user = user
