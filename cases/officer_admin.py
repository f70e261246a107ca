"""What administrators do about an officer's way of signing in: a first password, a lost telephone."""

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import second_factor
from cases.desk.second_factor_pages import record


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
    """Why a second factor is taken away."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        min_length=4,
        max_length=200,
        help_text=gettext_lazy(
            "例如：本人当面说明手机丢失，已核对身份。会留在该民警的历史记录里。"
        ),
        error_messages={"required": gettext_lazy("请写明理由。")},
        widget=forms.TextInput(attrs={"size": 60, "autofocus": True}),
    )


class SigningInAdmin:
    """What OfficerAdmin adds: passwords that are temporary, and the page for a lost telephone."""

    add_form = NewOfficerForm
    change_password_form = PasswordForm
    change_form_template = "admin/cases/officer/change_form.html"

    def get_urls(self):
        """Put the page before the addresses of single officers."""
        view = self.admin_site.admin_view(self.reset_view)
        own = path("<int:pk>/second-factor/", view, name="cases_officer_second_factor")
        return [own, *super().get_urls()]

    def reset_view(self, request, pk):
        """Take an officer's device away, on a reason: the next sign-in binds another."""
        officer = self.get_object(request, str(pk))
        if not self.has_change_permission(request, officer):
            raise PermissionDenied
        if officer is None or second_factor.of(officer) is None:
            raise Http404
        if officer.pk == request.user.pk:  # who has stolen a session would bind their own
            raise PermissionDenied
        form = ReasonForm(request.POST or None, label_suffix="")
        if request.method == "POST" and form.is_valid():
            reset(officer, request.user, form.cleaned_data["reason"])
            words = _("已解除%(name)s绑定的设备并结束其登录，下次登录时重新绑定。")
            messages.success(request, words % {"name": officer})
            return redirect(reverse("admin:cases_officer_change", args=[officer.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("解除动态口令设备"),
            "form": form,
            "officer": officer,
            "opts": self.opts,
        }
        return render(request, "admin/cases/officer/second_factor.html", context)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Offer the page where there is a device, to anyone but its officer."""
        other = obj is not None and obj.pk != request.user.pk
        context["resettable"] = (
            other and self.has_change_permission(request, obj) and bool(second_factor.of(obj))
        )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)


def reset(officer, by, reason):
    """Take an officer's device and recovery codes away, end their sessions, and record why."""
    second_factor.forget(officer)
    officer.end_sessions()
    record(officer, by, _("解除了动态口令设备：%(reason)s") % {"reason": reason})
