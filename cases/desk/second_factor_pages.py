"""The second step of signing in: a one-time password, or, the first time, the device it comes from."""

import base64
from functools import wraps

from django import forms
from django.contrib import admin, auth, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.hashers import check_password
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import crypto, qr, second_factor, throttle, worlds
from cases.desk import sign_in

# Wrong codes of one officer. Known browsers are counted apart: who has stolen a password can't keep
# its owner out by guessing codes.
LIMIT, PER_SECONDS = 5, 900
# In a day: at five in a quarter of an hour, who has the password would guess a code within two years.
LIMIT_A_DAY, DAY_SECONDS = 30, 86_400


class _Once(forms.PasswordInput):
    """A field whose content is seen while it is typed, and never comes back on the page."""

    input_type = "text"


class CodeForm(forms.Form):
    """A one-time password; where a recovery code will do, that too."""

    code = forms.CharField(
        label=gettext_lazy("动态口令"),
        max_length=40,
        error_messages={"required": gettext_lazy("请填写动态口令。")},
        widget=_Once(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def __init__(self, *args, takes, **kwargs):
        """takes: what is called with the text typed; a false answer is a wrong code."""
        super().__init__(*args, label_suffix="", **kwargs)
        self.takes = takes
        self.taken = None

    def clean_code(self):
        """Take the code; say what is wrong with it."""
        try:
            self.taken = self.takes(self.cleaned_data["code"])
        except throttle.TooManyAttempts as refused:
            raise forms.ValidationError(refused.message) from None
        if not self.taken:
            raise forms.ValidationError(
                _("动态口令不对，或者已经用过。请等下一个口令出现后再填；手机的时间要准确。")
            )
        return ""


class NewPasswordForm(SetPasswordForm):
    """A password in place of one that somebody else knows."""

    def clean_new_password1(self):
        """Refuse the one that is to be replaced."""
        typed = self.cleaned_data["new_password1"]
        if check_password(typed, self.user.password):
            raise forms.ValidationError(_("新密码不能与现在的密码相同。"))
        return typed


def _counted(request, officer, takes=second_factor.accepts):
    """Return what takes a code that was typed, by `takes`, with a limit on wrong ones."""

    def limited(typed):
        known = sign_in.is_known(request, officer.username)
        key = f"{officer.pk} {'known' if known else 'new'}"
        throttle.check("second-factor", key, LIMIT, PER_SECONDS)
        throttle.check("second-factor day", key, LIMIT_A_DAY, DAY_SECONDS)
        taken = takes(officer, typed, worlds.now())
        if taken:
            throttle.forgive("second-factor", key)
            throttle.forgive("second-factor day", key)
        return taken

    return limited


def _step(view):
    """Make a view one of the steps of signing in: it is given the officer who is half-way."""

    @never_cache
    @require_http_methods(("GET", "POST"))
    @wraps(view)
    def page(request):
        officer, given = sign_in.under_way(request)
        if officer is None:
            if request.method == "POST":
                messages.error(request, _("登录已过时，请重新登录。"))
            return redirect("admin:login")
        return view(request, officer, given)

    return page


def _show(request, template, context, status=200):
    frame = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, f"registration/{template}.html", {**frame, **context}, status=status)


@_step
def second_step(request, officer, given):
    """Ask for a one-time password; without a device, or for another one, let one be bound."""
    if given.get("second"):
        return sign_in.go_on(request, officer) if request.method == "POST" else _bound(request)
    if given.get("anew") or second_factor.of(officer) is None:
        return _bind(request, officer, given)
    form = CodeForm(request.POST or None, takes=_counted(request, officer))
    if request.method == "GET" or not form.is_valid():
        context = {"title": _("动态口令"), "form": form, "officer": officer}
        return _show(request, "second_step", context)
    sign_in.note(request, second=True)
    if form.taken == "recovery":
        left = second_factor.codes_left(officer)
        words = _("您用掉了一个备用码，还剩%(left)s个。手机丢了请马上更换绑定的设备。")
        messages.warning(request, words % {"left": left})
    return sign_in.go_on(request, officer)


def _bound(request):
    return _show(request, "second_factor_bound", {"title": _("动态口令已绑定")})


def _bind(request, officer, given):
    """Show a new secret, which only this session knows, until a code of it has been typed."""
    try:
        secret = _secret(request, given)
    except crypto.SealError:  # its key has been taken away meanwhile
        sign_in.note(request, secret=None)
        messages.warning(request, _("刚才的二维码已经失效，请扫描这里新的二维码。"))
        return redirect("second-factor")

    def takes(officer, typed, at):
        return second_factor.set_up(officer, secret, typed, at, anew=given.get("anew", False))

    form = CodeForm(request.POST or None, takes=_counted(request, officer, takes))
    if request.method == "GET" or not form.is_valid():
        context = {
            "title": _("绑定动态口令"),
            "form": form,
            "officer": officer,
            "qr": qr.drawn(second_factor.address(officer, secret)),
            "groups": [secret[i : i + 4] for i in range(0, len(secret), 4)],
        }
        return _show(request, "second_factor_bind", context)
    signed_in = request.user.is_authenticated  # asked later, this session would have ended too
    officer.end_sessions()
    sign_in.note(request, second=True, secret=None, hash=officer.get_session_auth_hash())
    if signed_in:  # where the device was changed, work goes on
        auth.update_session_auth_hash(request, officer)
    record(officer, officer, _("绑定了动态口令的设备。"))
    return _codes(request, form.taken, unfinished=True)


def _secret(request, given):
    """Return the secret that this session offers; it stands there sealed."""
    if given.get("secret"):
        key_id, sealed = given["secret"]
        return crypto.open_sealed(key_id, base64.b64decode(sealed))["secret"]
    secret = second_factor.new_secret()
    key_id, sealed = crypto.seal({"secret": secret})
    sign_in.note(request, secret=[key_id, base64.b64encode(sealed).decode()])
    return secret


def _codes(request, codes, unfinished=False):
    context = {"title": _("备用码"), "codes": codes, "unfinished": unfinished}
    return _show(request, "recovery_codes", context)


@_step
def new_password(request, officer, given):
    """Have a password set in place of the one that an administrator gave."""
    if second_factor.is_required() and not given.get("second"):
        return redirect("second-factor")
    form = NewPasswordForm(officer, request.POST or None)
    if request.method == "GET" or not form.is_valid():
        context = {"title": _("设置新密码"), "form": form, "officer": officer}
        return _show(request, "new_password", context)
    form.save()
    sign_in.note(request, hash=officer.get_session_auth_hash())
    return sign_in.go_on(request, officer)


@never_cache
@require_http_methods(("GET", "POST"))
@staff_member_required
def own(request):
    """Show an officer how their second factor stands; renew the recovery codes, or change the device."""
    officer = request.user
    factor = second_factor.of(officer)
    form = CodeForm(request.POST or None, takes=_counted(request, officer))
    if request.method == "POST" and factor and form.is_valid():
        if "device" in request.POST:
            return sign_in.begin(request, officer, request.path, anew=True)
        record(officer, officer, _("重新生成了备用码。"))
        return _codes(request, second_factor.new_recovery_codes(officer))
    context = {
        "title": _("动态口令"),
        "form": form,
        "factor": factor,
        "left": second_factor.codes_left(officer),
    }
    return _show(request, "second_factor_own", context)


def record(officer, by, words):
    """Keep in the admin's history of an officer what was done about their signing in."""
    LogEntry.objects.log_actions(by.pk, [officer], CHANGE, words)
