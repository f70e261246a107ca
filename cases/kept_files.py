"""Files that came with a form which could not be taken yet: no browser chooses them again by itself.

They lie on disk, and the page lists each as a signed word that is good for one form of one person.
That needs no row: what nobody sends again goes as a stray file, a day later.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.core import signing
from django.utils.translation import gettext as _

from cases import attachments
from cases.attachments import LIVE, BadFile, Stored

LIFE = attachments.STRAY_AGE - timedelta(hours=4)


@dataclass
class Kept:
    """The files of one form: {word: Stored}, what is wrong with others, and how many are gone."""

    files: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)
    gone: int = 0

    @property
    def stored(self):
        """The files as intake and perform take them."""
        return tuple(self.files.values())

    @property
    def error(self):
        """Why the form cannot be taken with these files, or ""."""
        gone = [_("先前上传的附件已不在，请重新选择。")] if self.gone else []
        return " ".join([*self.wrong, *gone])


def sent(request, name, whose, mark=LIVE):
    """Return the Kept files of a request: those its page listed and those chosen now, if good.

    name: of the field. whose: who filled in which form; nobody else's word is taken for it.
    """
    kept, salt = Kept(), f"kept files of {whose}"
    for word in dict.fromkeys(request.POST.getlist("kept")):
        file = _opened(word, salt)
        if file:
            kept.files[word] = file
        kept.gone += file is None
    for upload in request.FILES.getlist(name):
        try:
            file = attachments.add(upload, kept.stored, mark)
        except BadFile as error:
            kept.wrong.append(error.message)
            continue
        if file:
            kept.files[signing.dumps(vars(file), salt=salt)] = file
    return kept


def _opened(word, salt):
    """Return the file that a word stands for, or None if it is not good, or the file not free, any more."""
    try:
        file = Stored(**signing.loads(word, salt=salt, max_age=LIFE))
    except signing.BadSignature:
        return None
    return file if attachments.is_free(file) else None
