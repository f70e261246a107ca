"""By which ways the writer of a letter is told of news: what is offered, chosen, and holds."""

from django.utils.translation import gettext_lazy as _

from cases import access
from mailbox.models import Notice, NoticeChoice
from mailbox.phone_check import takes_messages

# A text message is dear and disturbs: for what the writer waits for, or must answer.
TEXTED = frozenset(
    "receive decline ask_citizen approve_reply reopen arrange_meeting cancel_meeting transfer_out".split()
)
# What the form of a letter offers; "" leaves it to ways_to.
OFFERED = (
    ("", _("发邮件；没有填邮箱的，发短信")),
    ("sms", _("发短信")),
    ("both", _("邮件和短信都发")),
    ("none", _("都不用，我自己来查询")),
)
BY_MESSAGE = ("sms", "both")
_CHOSEN = {"sms": (False, True), "both": (True, True), "none": (False, False)}


def choose_at_first(letter, offered):
    """Keep what was chosen on the form of a letter, as it is kept itself."""
    if offered in _CHOSEN:
        mail, sms = _CHOSEN[offered]
        NoticeChoice.objects.create(letter=letter, mail=mail, sms=sms)


def ways_to(letter, action="receive"):
    """Return the ways by which a letter's writer is told of an action, MAIL before SMS."""
    writer = letter.writer
    if writer is None:
        return []
    ways = ways_among(letter, writer.has_email, writer.phone_index)
    return [way for way in ways if way == Notice.MAIL or action in TEXTED]


def ways_among(letter, email, phone):
    """Return the ways that hold for a writer who has these; each may be anything that is true or not.

    Unless they chose otherwise: by mail, and by text message only where there is no address.
    """
    choice = getattr(letter, "notice_choice", None)
    mail = email and (choice is None or choice.mail)
    sms = phone and (choice.sms if choice else not email)
    return [way for way, wanted in ((Notice.MAIL, mail), (Notice.SMS, sms)) if wanted]


def stop_mail(letter):
    """Send a writer no more mail; what they chose of text messages stays."""
    sms = Notice.SMS in ways_to(letter)
    NoticeChoice.objects.update_or_create(letter=letter, defaults={"mail": False, "sms": sms})


def open_to(letter):
    """Return [(way, its label, whether it is chosen)] of those by which the writer can be told."""
    writer, chosen = letter.writer, ways_to(letter)
    reached = takes_messages(access.own_identity(letter, whole=True).get("phone", ""))
    known = {Notice.MAIL: writer and writer.has_email, Notice.SMS: reached}
    return [(way, label, way in chosen) for way, label in Notice.CHANNELS if known[way]]
