"""Letters of another platform by CSV: sent, looked at before anything is kept, then taken in at once."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import actors, letter_files, worlds
from cases.desk.pages import officer_page, show
from cases.desk.rights import having
from cases.desk.spreadsheets import csv_file
from cases.fields import CATEGORIES, KINDS
from cases.identity import BadInput
from cases.intake import intake_many
from cases.models import Unit
from cases.models.platforms import PLATFORMS
from cases.refusals import Refusal

_SHOWN = 100  # rows of each sort on the page; the file of bad rows has all
_GONE = gettext_lazy("文件已过期，请重新选择。")


@officer_page("GET", "POST", needs=having("enter_letter"))
def import_letters(request):
    """Ask for a file; show what would come of it; keep the letters. Every sending is a POST."""
    if request.method == "GET":
        return _asked(request)
    try:
        if "file" in request.FILES:
            text = letter_files.decoded(request.FILES["file"].read(letter_files.MOST_BYTES + 1))
            table = letter_files.read(text)
            token = letter_files.keep(request.user, text, worlds.now())
            return _preview(request, table, token, letter_files.guessed(table.head))
        token = request.POST.get("token", "")
        text = letter_files.kept(request.user, token, worlds.now())
        if text is None:
            return _asked(request, _GONE if token else _("请选择一个CSV文件。"))
    except BadInput as error:
        return _asked(request, error.message)
    table = letter_files.read(text)
    columns = _columns(request, len(table.head))
    if request.POST.get("do") == "bad":
        return _bad_file(table, _rows(request, table, columns))
    if request.POST.get("do") in ("take", "take_file"):
        return _taken(request, table, token, columns)
    return _preview(request, table, token, columns)


def _asked(request, error=""):
    context = {**_frame(request), "error": error, "most": letter_files.MOST_ROWS}
    return show(request, "desk/import.html", context, status=400 if error else 200)


def _frame(request):
    """Return what every page of the import shows: platforms, mailboxes, and what was chosen."""
    own = request.user.unit
    own = own.code if own and own.is_mailbox else ""
    return {
        "title": _("导入来信"),
        "platforms": PLATFORMS,
        "mailboxes": Unit.objects.filter(active=True, is_mailbox=True),
        "platform": _platform(request),
        "mailbox": request.POST.get("mailbox", own),
    }


def _platform(request):
    asked = request.POST.get("platform", "")
    return asked if asked in dict(PLATFORMS) else PLATFORMS[0][0]


def _columns(request, width):
    """Return {field: column} as chosen on the page; what is no column is none."""
    found = {}
    for field in letter_files.COLUMNS:
        chosen = request.POST.get(f"column-{field}", "")
        if chosen.isascii() and chosen.isdecimal() and int(chosen[:6]) < width:
            found[field] = int(chosen[:6])
    return found


def _rows(request, table, columns):
    mailbox = request.POST.get("mailbox", "")
    return letter_files.checked(table, columns, _platform(request), mailbox, worlds.now())


def _preview(request, table, token, columns, error=""):
    """Show what would come of the file: nothing has been kept."""
    rows = _rows(request, table, columns)
    bad = [row for row in rows if row.reasons]
    known = [row for row in rows if row.known and not row.reasons]
    new = [row for row in rows if not row.known and not row.reasons]
    context = {
        **_frame(request),
        "error": error,
        "token": token,
        "head": list(enumerate(table.head)),
        "fields": [(f, label, columns.get(f)) for f, (label, _w) in letter_files.COLUMNS.items()],
        "lacks_body": "body" not in columns,
        "new": _told(new[:_SHOWN]),
        "bad": bad[:_SHOWN],
        "counts": {"all": len(rows), "new": len(new), "known": len(known), "bad": len(bad)},
        "shown": _SHOWN,
    }
    return show(request, "desk/import_preview.html", context, status=400 if error else 200)


def _told(rows):
    """Return (row, title, kind, category, mailbox) of good rows, in words."""
    kinds, categories = dict(KINDS), dict(CATEGORIES)
    boxes = dict(Unit.objects.filter(is_mailbox=True).values_list("code", "name"))
    sent = [(row.number, row.submission) for row in rows]
    return [(n, s.title, kinds[s.kind], categories[s.category], boxes[s.mailbox]) for n, s in sent]


def _taken(request, table, token, columns):
    """Keep all good letters in one transaction; or none, if all were to be good and one is not."""
    rows = _rows(request, table, columns)
    good = [row for row in rows if not row.reasons]
    if request.POST.get("all") and len(good) < len(rows):
        why = _("有%(n)s行不能导入，所以一封也没有收。") % {"n": len(rows) - len(good)}
        return _preview(request, table, token, columns, why)
    try:
        actor = actors.officer(request.user)
        kept = intake_many([row.submission for row in good], actor=actor, at=worlds.now())
    except Refusal as refusal:
        return _preview(request, table, token, columns, refusal.message)
    # Who imports a letter again is not told its code: they may not be the one who brought it.
    lines = [
        (
            row.number,
            row.submission.origin[1],
            r.receipt if new else "",
            r.query_code if new else "",
        )
        for row, (r, new) in zip(good, kept, strict=True)
    ]
    if request.POST.get("do") == "take_file":
        head = [_("行"), _("平台编号"), _("受理编号"), _("查询码")]
        return csv_file("receipts", [head, *lines])
    context = {
        "title": _("导入来信"),
        "lines": [line for line in lines if line[2]],
        "known": sum(not line[2] for line in lines),
        "bad": len(rows) - len(good),
    }
    return show(request, "desk/imported.html", context)


def _bad_file(table, rows):
    """Return the rows that can't be imported as a file, with the reasons, to be mended."""
    head = [_("行"), _("原因"), *table.head]
    bad = [row for row in rows if row.reasons]
    return csv_file(
        "not-imported", [head, *([r.number, "；".join(r.reasons), *r.cells] for r in bad)]
    )
