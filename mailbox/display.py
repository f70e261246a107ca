"""How a citizen wants pages shown: 大字版 (large), 高对比 (contrast), or both; kept in a cookie on the device."""

from django.conf import settings
from django.shortcuts import render
from django.utils import translation

COOKIE = "display"
WAYS = ("large", "contrast")
_YEAR = 365 * 24 * 3600


def context(request):
    """Give each page {"display": {way: whether it is chosen}}."""
    chosen = request.COOKIES.get(COOKIE, "").split("-")
    return {"display": {way: way in chosen for way in WAYS}}


def is_asked(request):
    """Say whether a form was sent only to be shown in another language or another way."""
    return request.method == "POST" and not {"language", "display"}.isdisjoint(request.POST)


def switch(request):
    """Show the rest of this request as its form asks, if it was sent only for that."""
    if not is_asked(request):
        return
    language = _language(request)
    if language:
        translation.activate(language)
        request.LANGUAGE_CODE = language
    request.COOKIES = {**request.COOKIES, COOKIE: _display(request)}


def remember(request, response):
    """Keep on this device what the form asks, if it is one of ours; return the response."""
    if language := _language(request):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        )
    if "display" in request.POST:
        options = {"secure": settings.LANGUAGE_COOKIE_SECURE, "httponly": True, "samesite": "Lax"}
        if display := _display(request):
            response.set_cookie(COOKIE, display, max_age=_YEAR, **options)
        else:
            response.delete_cookie(COOKIE, samesite="Lax")
    return response


def page(request, template, context):
    """Return a page, at once in the language and the way that its form asks for."""
    switch(request)
    return remember(request, render(request, template, context))


def _language(request):
    language = request.POST.get("language")
    return language if language in dict(settings.LANGUAGES) else None


def _display(request):
    """Return the cookie after the button: "large" and "contrast" add a way, "no-large" ends it."""
    chosen = {way for way, is_on in context(request)["display"].items() if is_on}
    asked = request.POST.get("display", "")
    chosen = chosen - {asked.removeprefix("no-")} if asked.startswith("no-") else chosen | {asked}
    return "-".join(way for way in WAYS if way in chosen)
