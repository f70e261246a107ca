"""Files that come after the letter: on the page until its step is taken, so that none is chosen twice."""

from django.utils.translation import gettext as _

from cases import kept_files
from cases.models import Evidence
from cases.transitions import BY_CITIZEN
from cases.workflow import FILES_OF_CITIZEN
from mailbox import sending

MOST = 20  # with all steps of a letter's writer together


def sent(request, opened, action):
    """Return the Kept files of the form of an action on an open letter, with what is wrong about them."""
    if request.method != "POST" or action not in FILES_OF_CITIZEN:
        return kept_files.Kept()
    field, refused = "files", []
    if request.FILES.getlist(field):
        try:
            sending.admit(request, "more files")
        except sending.TooMany as error:
            field, refused = "", [error.message]  # none is stored
    kept = kept_files.sent(request, field, f"letter {opened.pk}")
    kept.wrong += refused
    before = Evidence.objects.filter(event__case=opened.pk, event__role=BY_CITIZEN).count()
    if kept.files and before + len(kept.files) > MOST:
        kept.wrong.append(_("一封信最多再传%(count)s个附件。") % {"count": MOST})
    return kept
