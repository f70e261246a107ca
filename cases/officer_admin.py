"""What administrators do about signing in: a first password, a lost telephone, a stolen session."""

from collections.abc import Callable
from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import second_factor
from cases.desk.own_sessions import sessions_of
from cases.desk.second_factor_pages import record
from cases.models import Session


class _Temporary:
    """The password set here is told to its officer by someone who knows it: it is good for one sign-in."""

    def set_password_and_save(self, user, *args, commit=True, **kwargs):
        """Set it, marked as temporary."""
        user = super().set_password_and_save(user, *args, commit=False, **kwargs)
        user.password_temporary = user.has_usable_password()
        if commit:
            user.save()
        return user


class NewOfficerForm(_Temporary, AdminUserCreationForm):
    """A new officer, with a first password."""


class PasswordForm(_Temporary, AdminPasswordChangeForm):
    """Another password for an officer who has forgotten it."""


class ReasonForm(forms.Form):
    """Why a second factor is taken away, or an officer signed out."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        min_length=4,
        max_length=200,
        error_messages={"required": gettext_lazy("请写明理由。")},
        widget=forms.TextInput(attrs={"size": 60, "autofocus": True}),
    )


class SigningInAdmin:
    """What OfficerAdmin adds: temporary passwords, lost telephones, and ending an officer's sessions."""

    add_form = NewOfficerForm
    change_password_form = PasswordForm
    change_form_template = "admin/cases/officer/change_form.html"

    def get_urls(self):
        """Put the pages before the addresses of single officers."""
        own = [
            path(
                f"<int:pk>/{place}/",
                self.admin_site.admin_view(view),
                name=f"cases_officer_{place.replace('-', '_')}",
            )
            for place, view in (("second-factor", self.reset_view), ("sessions", self.end_view))
        ]
        return [*own, *super().get_urls()]

    def user_change_password(self, request, id, form_url=""):
        """Let an own password be changed on the page that asks for the old one, and there alone."""
        own = self.get_object(request, unquote(id)) == request.user
        if own and self.has_change_permission(request, request.user):
            return redirect("admin:password_change")
        return super().user_change_password(request, id, form_url)

    def reset_view(self, request, pk):
        """Take an officer's device away, on a reason: the next sign-in binds another."""
        officer = self._other(request, pk)
        if second_factor.of(officer) is None:
            raise Http404
        return self._on_a_reason(request, officer, _RESET)

    def end_view(self, request, pk):
        """End all sessions of an officer, on a reason."""
        return self._on_a_reason(request, self._other(request, pk), _END)

    def _other(self, request, pk):
        """Return the officer that a page is about: there, not above who asks, and not who asks."""
        officer = self.get_object(request, str(pk))
        if not self.has_change_permission(request, officer):
            raise PermissionDenied
        if officer is None:
            raise Http404
        if officer.pk == request.user.pk:  # who has stolen a session would bind their own device
            raise PermissionDenied
        return officer

    def _on_a_reason(self, request, officer, doing):
        """Ask for a reason, then do it."""
        form = ReasonForm(request.POST or None, label_suffix="")
        form.fields["reason"].help_text = doing.example
        known = {"name": officer, "username": officer.username, "n": len(sessions_of(officer))}
        if request.method == "POST" and form.is_valid():
            doing.do(officer, request.user, form.cleaned_data["reason"])
            messages.success(request, doing.done % known)
            return redirect(reverse("admin:cases_officer_change", args=[officer.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": doing.title,
            "about": doing.about % known,
            "button": doing.button,
            "form": form,
            "officer": officer,
            "opts": self.opts,
        }
        return render(request, "admin/cases/officer/reason.html", context)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Offer the pages to anyone but their officer, the one of the device where there is one."""
        other = obj is not None and obj.pk != request.user.pk
        context["others"] = other and self.has_change_permission(request, obj)
        context["resettable"] = context["others"] and bool(second_factor.of(obj))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def reset(officer, by, reason):
    """Take an officer's device and recovery codes away, end their sessions, and record why."""
    second_factor.forget(officer)
    officer.end_sessions()
    record(officer, by, _("解除了动态口令设备：%(reason)s") % {"reason": reason})


def end_sessions(officer, by, reason):
    """End all sessions of an officer, and record why."""
    officer.end_sessions()
    Session.objects.filter(officer=officer).delete()
    record(officer, by, _("结束了所有登录：%(reason)s") % {"reason": reason})


class _Doing(NamedTuple):
    """What is done to an officer on a reason, and the words of its page."""

    do: Callable
    title: str
    about: str
    example: str
    button: str
    done: str


_RESET = _Doing(
    do=reset,
    title=gettext_lazy("解除动态口令设备"),
    about=gettext_lazy(
        "民警%(name)s（%(username)s）丢失或更换手机而又没有备用码时使用。解除后，其所有登录立即结束，"
        "备用码作废；下次凭密码登录时重新绑定设备。请先核对本人身份。"
    ),
    example=gettext_lazy("例如：本人当面说明手机丢失，已核对身份。会留在该民警的历史记录里。"),
    button=gettext_lazy("解除并结束其登录"),
    done=gettext_lazy("已解除%(name)s绑定的设备并结束其登录，下次登录时重新绑定。"),
)
_END = _Doing(
    do=end_sessions,
    title=gettext_lazy("结束所有登录"),
    about=gettext_lazy(
        "民警%(name)s（%(username)s）在别处忘了退出、电脑丢失或账号可能被盗用时使用。"
        "其登录（现有%(n)s个）立即结束，没有提交的文字会丢失；账号和密码不变，可以再登录。"
    ),
    example=gettext_lazy("例如：笔记本电脑丢失。会留在该民警的历史记录里。"),
    button=gettext_lazy("结束其所有登录"),
    done=gettext_lazy("已结束%(name)s的所有登录。"),
)
