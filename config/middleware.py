"""What every request passes: its number, headers, the language of officers' pages, compression."""

from django.conf import settings
from django.middleware.gzip import GZipMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from cases import request_number

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
        "base-uri 'none'",
    )
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()" for feature in ("camera", "geolocation", "microphone", "payment", "usb")
)
# Officers' pages are in Simplified Chinese; citizens and planners choose their language.
CHINESE_ONLY = ("/desk/", "/admin/")
# Chinese until a planner asks for English: the desk beside them is, whatever the browser prefers.
CHINESE_FIRST = "/simulation/"
OFFICERS = (*CHINESE_ONLY, CHINESE_FIRST)


class Numbered:
    """Give each request a number, which its lines in the log and its error page carry."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.number = request_number.new()
        token = request_number.number.set(request.number)
        try:
            return self.get_response(request)
        finally:
            request_number.number.reset(token)


class SecurityHeaders:
    """Add the policies that Django's own SecurityMiddleware has no setting for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path_info.startswith(OFFICERS):  # also what the stock admin lets be kept
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class Language(LocaleMiddleware):
    """Django's choice of language, but for the pages that are Chinese alone, or at first."""

    def process_request(self, request):
        """Set the language before the page is made."""
        super().process_request(request)
        chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        first = request.path_info.startswith(CHINESE_FIRST) and not chosen
        if first or request.path_info.startswith(CHINESE_ONLY):
            translation.activate("zh-hans")
            request.LANGUAGE_CODE = "zh-hans"


class Compressed(GZipMiddleware):
    """Compress the citizens' pages, which come over slow networks, and nothing else.

    The length of a compressed page tells what of an attacker's words it repeats (BREACH). No page of
    a citizen's repeats words of its address beside something secret; an officer's search does.
    """

    def process_response(self, request, response):
        """Compress a page of a citizen's."""
        is_page = response.get("Content-Type", "").startswith("text/html")
        if not is_page or request.path_info.startswith(OFFICERS):
            return response
        return super().process_response(request, response)
