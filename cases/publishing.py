"""Publishing an answer: with the writer's own consent, in a text of its own, read by a second officer."""

from django.db.models import F, Q
from django.utils.translation import gettext as _

from cases import access, identity, searching, writers
from cases.calendars import SHANGHAI
from cases.characters import language_of
from cases.models import Consent, PublicAnswer
from cases.refusals import GuardRefused, Incomplete, NotFound, Stale
from cases.transitions import State

LIMITS = {"title": (5, 60), "question": (10, 2000), "answer": (10, 5000)}
NOTE_LIMIT, WORDS_LIMIT = 200, 40
_GROWN_UP = 18
_MOST = 200
_CONSENTED = Q(letter__consent__isnull=False, letter__consent__withdrawn_at=None)


def may_be_published(case, at):
    """Return whether the writer of a case is asked for consent at all at a moment.

    Never for reports, confidential letters and letters of minors (未成年人保护法 103).
    """
    if case.state != State.CLOSED or case.letter.writer is None or access.hides_writer(case):
        return False
    person = writers.readable(case.letter)
    age = identity.age_on(person.get("id_number", ""), at.astimezone(SHANGHAI).date())
    return bool(person) and (age is None or age >= _GROWN_UP)


def consent(case, given, at):
    """Keep the writer's consent, or that it is taken back: then nobody can read the answer any more.

    Raises: GuardRefused for a letter that is not published.
    """
    if not given:
        Consent.objects.filter(letter=case.letter, withdrawn_at=None).update(withdrawn_at=at)
    elif may_be_published(case, at):
        kept = {"given_at": at, "withdrawn_at": None}
        Consent.objects.update_or_create(letter=case.letter, defaults=kept)
    else:
        raise GuardRefused(_("这封信不公开。"))


def has_consented(letter):
    """Return whether the writer's consent holds now."""
    return hasattr(letter, "consent") and letter.consent.withdrawn_at is None


def cases_for(user):
    """Return the cases that an officer sees whose writers consent, those not published first."""
    if not (user.has_perm("cases.triage_case") or user.has_perm("cases.review_reply")):
        return []
    seen = access.visible_cases(user).filter(_CONSENTED, state=State.CLOSED)
    seen = seen.select_related("letter__public_answer__author", "letter__consent", "unit")
    seen = seen.order_by(F("letter__public_answer__published_at").desc(nulls_first=True), "pk")
    return [case for case in seen[:_MOST] if not access.hides_writer(case)]


def case_for(user, receipt):
    """Return the one of these cases with this receipt. Raises: NotFound."""
    for case in cases_for(user):
        if case.letter.receipt == receipt:
            return case
    raise NotFound()


def begun(case):
    """Return what the author begins with: what was written last, else the approved reply without its writer."""
    kept = getattr(case.letter, "public_answer", None)
    if kept:
        return {name: getattr(kept, name) for name in LIMITS}
    proposal = case.events.filter(action="propose_reply", message__isnull=False)
    proposal = proposal.select_related("message").order_by("-seq").first()
    text = access.without_writer(case.letter, proposal.message.body) if proposal else ""
    return {"title": "", "question": "", "answer": text}


def write(user, case, typed, at):
    """Keep the text of a public answer; one that was published is public again once it is read anew.

    typed: also the version that the author saw, if there was one. Raises: Incomplete with the fields;
    Stale if another has written meanwhile; NotFound without the right.
    """
    if not user.has_perm("cases.triage_case"):
        raise NotFound()
    texts = {name: identity.clean(typed.get(name, "")) for name in LIMITS}
    wrong = [n for n, (low, high) in LIMITS.items() if not low <= len(texts[n]) <= high]
    if wrong:
        raise Incomplete(_("有几处太短或太长，请更正。"), wrong)
    texts["title"] = texts["title"].replace("\n", " ")
    texts = {name: access.without_writer(case.letter, text) for name, text in texts.items()}
    texts = {name: text[: LIMITS[name][1]] for name, text in texts.items()}
    kept = {"author": user, "written_at": at, "note": "", "published_at": None, "reviewer": None}
    kept |= {"category": case.category, "language": _language(case, "\n".join(texts.values()))}
    answer, new = PublicAnswer.objects.get_or_create(letter=case.letter, defaults={**texts, **kept})
    seen = _of_version(answer, typed.get("version", ""))
    if new or seen.update(**texts, **kept, version=F("version") + 1):
        return
    if any(getattr(answer, name) != text for name, text in texts.items()):  # else sent twice
        raise Stale(_("公开稿刚被改动，没有保存您写的。请看过最新的再保存。"))


def _of_version(answer, typed):
    """Return a public answer as a query that finds it only as it stood when it was shown."""
    version = int(typed[:9]) if typed[:9].isdecimal() else 0
    return PublicAnswer.objects.filter(pk=answer.pk, version=version)


def _language(case, text):
    """Return the language of a text as it is written, or else that of its letter."""
    code = language_of(text) or case.letter.language
    return "zh-hans" if code == "zh" else code


def review(user, case, version, at, note=""):
    """Publish the version that the reviewer read, or send it back with a note.

    Raises: NotFound without the right; GuardRefused for the author's own; Stale for another version.
    """
    answer = getattr(case.letter, "public_answer", None)
    if answer is None or not user.has_perm("cases.review_reply"):
        raise NotFound()
    if answer.author_id == user.pk:
        raise GuardRefused(_("拟稿人不能审核自己写的公开稿。"))
    read = _of_version(answer, str(version)).filter(published_at=None)
    note = identity.clean(note)[:NOTE_LIMIT]
    done = read.update(note=note) if note else read.update(reviewer=user, published_at=at)
    if not done:
        raise Stale(_("公开稿已改动或已公开，请看过最新的再决定。"))


def published(words="", category="", kind="", mailbox="", year=None):
    """Return the answers that everybody may read, the newest first, narrowed by what is given.

    Of a letter that is done again there is none, until it is closed once more.
    """
    closed = Q(letter__case__state=State.CLOSED)
    found = PublicAnswer.objects.filter(_CONSENTED, closed, published_at__isnull=False)
    for word in searching.words_of(words[:WORDS_LIMIT]):
        pattern = searching.pattern(word).pattern
        found = found.filter(
            Q(title__iregex=pattern) | Q(question__iregex=pattern) | Q(answer__iregex=pattern)
        )
    asked = {
        "category": category,
        "letter__case__kind": kind,
        "letter__mailbox__code": mailbox,
        "published_at__year": year,
    }
    found = found.filter(**{name: value for name, value in asked.items() if value})
    return found.select_related("letter__mailbox").order_by("-published_at", "-pk")


def years():
    """Return the years in which answers were published, the newest first."""
    return [at.year for at in published().datetimes("published_at", "year", order="DESC")]
