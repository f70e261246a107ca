"""What a notice says, and handing it over: that there is news, in the language of the letter, and no more."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cases import access, outbox, own_data, sms
from mailbox.models import Notice
from mailbox.phone_check import takes_messages
from mailbox.wording import MAIN_ANSWERED, MAIN_ENDED, REQUEST_DECIDED, day_in_words, sentence

# News of a main letter for the writers of those merged into it.
FOR_MERGED = {
    "approve_reply": MAIN_ANSWERED,
    "decline": MAIN_ENDED,
    "transfer_out": MAIN_ENDED,
}
_STOP = "stop mail"


def hand_over(notice):
    """Send one notice; return whether there was anywhere to send it. Raises what the carrier raises."""
    name = "email" if notice.channel == Notice.MAIL else "phone"
    address = _address_of(notice, name)
    if not address or (name == "phone" and not takes_messages(address)):
        return False
    with translation.override(notice.letter.language):
        if name == "email":
            return bool(_mail(notice, address).send())
        sms.send(address, _message(notice.letter))
        return True


def letter_id_of(token):
    """Return the key of the letter whose mails a link stops, or None if it is none of ours."""
    try:
        return signing.loads(token, salt=_STOP)
    except signing.BadSignature:
        return None


def _address_of(notice, name):
    """Return the writer's address; what is kept may have been erased since the notice was made."""
    if notice.request_id:
        return own_data.contact_of(notice.request).get(name, "")
    return access.notice_address(notice.letter, name)


def _mail(notice, address):
    letter = notice.letter
    subject, news = _("您的来信有新消息"), _("您写给“平安厅”信箱的来信有新消息。")
    if not access.hides_writer(letter.case):
        subject = _("来信 %(receipt)s 有新消息") % {"receipt": letter.receipt}
        news = _("受理编号 %(receipt)s：%(sentence)s") % {
            "receipt": letter.receipt,
            "sentence": _sentence(notice),
        }
        news += _to_be_rated(notice)
    stop = _site("mailbox:stop-mail", signing.dumps(letter.pk, salt=_STOP))
    body = (
        news,
        _("请用受理编号和查询码查看：%(address)s") % {"address": _site("mailbox:follow")},
        _("我们不会向您索要查询码、密码或钱款。本邮件由系统发出，请勿回复。"),
        _("不想再收到这封信的邮件：%(address)s") % {"address": stop},
    )
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return outbox.mail(subject, body, [address], **headers)


def _sentence(notice):
    if notice.request_id:
        return REQUEST_DECIDED
    if notice.letter_id != notice.event.case_id:
        return FOR_MERGED[notice.event.action]
    return sentence(notice.event)


def _to_be_rated(notice):
    """Return by when an answer should be rated, in words, or "" where it is not news of one."""
    case, event = notice.letter.case, notice.event
    if event is None or event.action != "approve_reply" or case.next_clock != "silence":
        return ""
    day = day_in_words(case.next_due_at)
    return "\n\n" + _("请打开来信评价：问题是否解决。不评价的，到%(day)s自动办结。") % {"day": day}


def _message(letter):
    """Return the text message: a telephone shows it to whoever is near.

    Of a confidential letter it does not tell the number either.
    """
    text = _("“平安厅”信箱：您的来信有新消息，请到 %(address)s 查看。")
    if not access.hides_writer(letter.case):
        text = _("“平安厅”信箱：来信 %(receipt)s 有新消息，请到 %(address)s 查看。")
    return text % {"receipt": letter.receipt, "address": _site("mailbox:follow")}


def _site(name, *arguments):
    return settings.SITE_URL + reverse(name, args=arguments)
