"""Mail by which an officer who has forgotten the password sets a new one.

The answer to the request is the same whoever asks, and takes as long: a task is sent for an address
that nobody has too. It carries the key of an account, no address.
"""

import logging

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from cases import outbox
from cases.models import Officer

log = logging.getLogger(__name__)


def accounts_of(address):
    """Return the keys of the active accounts that have this address and a password."""
    officers = Officer.objects.filter(email__iexact=address, is_active=True)
    return [officer.pk for officer in officers if officer.has_usable_password()]


def send_reset(officer_id):
    """Send the link that sets a new password once; return how many mails were sent."""
    officer = Officer.objects.filter(pk=officer_id, is_active=True).exclude(email="").first()
    if officer is None:
        return 0
    parts = {
        "uidb64": urlsafe_base64_encode(force_bytes(officer.pk)),
        "token": default_token_generator.make_token(officer),
    }
    link = settings.SITE_URL + reverse("password_reset_confirm", kwargs=parts)
    with translation.override("zh-hans"):
        subject = _("平安厅信箱：重设密码")
        body = _(
            "有人为账号 %(name)s 申请重设密码。如果是您，请在%(hours)s小时内打开：\n\n%(link)s\n\n"
            "链接只能用一次。如果不是您，请忽略本邮件，密码不会改变。"
        ) % {
            "name": officer.username,
            "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
            "link": link,
        }
    outbox.mail(subject, [body], [officer.email]).send()
    return 1
