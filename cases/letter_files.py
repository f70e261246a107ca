"""Letters of other platforms as a CSV: read, its columns recognised, each row checked like a letter.

Nothing is kept here but the sealed file between preview and import; cases/intake.py keeps letters.
"""

import csv
import io
import uuid
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import crypto, identity, intake, uploads
from cases.calendars import SHANGHAI
from cases.fields import CATEGORIES, KINDS
from cases.intake import Submission
from cases.models import Letter, LetterFile, Unit
from cases.refusals import Incomplete

MOST_ROWS, MOST_BYTES, MOST_COLUMNS = 5000, 10 * 1024 * 1024, 100
LIFE = timedelta(hours=1)
NUMBER_LENGTH = 60
_NAMESPACE = uuid.UUID("6f1d3c52-2b0e-4c7c-9d2b-8a64c1f0a7e5")

# What a column may hold: label, and how other platforms head it.
COLUMNS = {
    "number": (
        gettext_lazy("平台编号"),
        "平台编号 编号 工单编号 工单号 信件编号 受理编号 信访件编号 流水号",
    ),
    "title": (gettext_lazy("标题"), "标题 主题 信件标题 工单标题 诉求标题 概况"),
    "body": (
        gettext_lazy("内容"),
        "内容 信件内容 诉求内容 工单内容 问题描述 反映内容 来信内容 正文",
    ),
    "kind": (gettext_lazy("信件类别"), "信件类别 类别 诉求类型 工单类型 信件类型 类型 信访目的"),
    "category": (gettext_lazy("业务类别"), "业务类别 业务 内容分类 诉求分类 分类"),
    "place": (gettext_lazy("地点"), "地点 事发地点 地址 事发地址 诉求地址 问题属地"),
    "name": (
        gettext_lazy("来信人姓名"),
        "来信人姓名 姓名 来信人 诉求人 来电人 信访人 联系人 反映人",
    ),
    "phone": (gettext_lazy("电话"), "电话 联系电话 手机 手机号 手机号码 来电号码 联系方式"),
    "id_number": (gettext_lazy("身份证号码"), "身份证号码 身份证号 证件号码 身份证"),
    "mailbox": (gettext_lazy("信箱"), "信箱 收信单位 受理单位 承办单位"),
    "language": (
        gettext_lazy("通知用的语言"),
        "语言 通知语言 答复语言 来信语言 来信人语言 语种 language",
    ),
}
# Words of other platforms for our kinds; ours are understood anyway.
_KINDS = {
    "consult": "咨询 业务咨询 政策咨询", "help": "求助 求决 诉求 申诉求决", "complaint": "投诉 投诉请求",
    "report": "举报 检举 检举控告 控告", "suggestion": "建议 意见 意见建议", "praise": "表扬 感谢 感谢表扬",
}  # fmt: skip
# Words for the languages in which writers are told of news, beside their codes and own names.
_LANGUAGES = {
    "zh-hans": "简体 简体中文 中文 汉语 普通话 chinese",
    "zh-hant": "繁体 繁体中文 繁體 繁體中文 粤语 zh-hk zh-tw zh-mo",
    "en": "英语 英文 english",
}
_REASONS = {
    "mailbox": gettext_lazy("没有这个信箱"),
    "kind": gettext_lazy("信件类别不认识"),
    "category": gettext_lazy("业务类别不认识"),
    "title": gettext_lazy("标题应为5至50个字"),
    "body": gettext_lazy("内容应为10至2000个字"),
    "place": gettext_lazy("地点不能超过100个字"),
    "number": gettext_lazy("平台编号不能超过60个字"),
    "language": gettext_lazy("语言不认识"),
}


@dataclass(frozen=True)
class Table:
    """A file as read: its head, and (row as a spreadsheet counts it, cells) of each row."""

    head: list
    rows: list


@dataclass(frozen=True)
class Row:
    """One checked row. known: the letter has been imported before. reasons: why it can't be."""

    number: int
    cells: list
    submission: Submission
    known: bool
    reasons: tuple


def decoded(data):
    """Return the text of a file in UTF-8, with or without BOM, or GB18030. Raises: BadInput."""
    if len(data) > MOST_BYTES:
        raise identity.BadInput(_("文件不能超过10MB。"))
    if b"\0" in data:
        raise identity.BadInput(_("这不是CSV文件。请在电子表格中另存为“CSV UTF-8”。"))
    text = uploads.text_of(data)
    if text is None:
        raise identity.BadInput(_("文件编码不认识，请另存为 UTF-8 编码的CSV。"))
    return text


def read(text):
    """Return the Table of a CSV with commas, semicolons or tabs. Raises: BadInput."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        found = list(islice(_filled(lines), MOST_ROWS + 2))
    except csv.Error as error:
        raise identity.BadInput(
            _("第%(n)s行读不出来，请检查引号。") % {"n": lines.line_num}
        ) from error
    if len(found) < 2:
        raise identity.BadInput(_("文件里没有来信：第一行应是列名，以下每行一封信。"))
    (_first, head), *rows = found
    if len(rows) > MOST_ROWS or len(head) > MOST_COLUMNS:
        most = {"rows": MOST_ROWS, "columns": MOST_COLUMNS}
        raise identity.BadInput(_("一次最多%(rows)s行、%(columns)s列，请分成几个文件。") % most)
    return Table(
        head, [(number, cells + [""] * (len(head) - len(cells))) for number, cells in rows]
    )


def _filled(lines):
    """Yield (row as a spreadsheet counts it, cells) of each that is not empty.

    A file may have ten million empty rows or cells: they are not kept.
    """
    for number, row in enumerate(lines, 1):
        cells = [_cell(cell) for cell in row[: MOST_COLUMNS + 1]]
        if any(cells):
            yield number, cells


def _cell(text):
    """Return a cell without what a spreadsheet was given so that it took it for no formula."""
    text = identity.clean(text)
    return text[1:] if text[:1] == "'" and text[1:2] in "=+-@＝＋－＠" else text


def guessed(head):
    """Return {field: number of the column that seems to hold it}; each column is used once."""
    names = ["".join(identity.fold(name).split()) for name in head]
    found = {}
    for fits in (str.__eq__, str.__contains__):
        for field, (_label, words) in COLUMNS.items():
            free = [n for n, name in enumerate(names) if name and n not in found.values()]
            for word in words.split() if field not in found else ():
                column = next((n for n in free if fits(names[n], word)), None)
                if column is not None:
                    found[field] = column
                    break
    return found


def checked(table, columns, platform, mailbox, at):
    """Return the Rows of a table. columns: {field: column}. mailbox: the code for rows without one."""
    boxes = dict(Unit.objects.filter(active=True, is_mailbox=True).values_list("code", "name"))
    boxes |= {name: code for code, name in boxes.items()} | {code: code for code in boxes}
    typed = [{f: cells[c] for f, c in columns.items()} for _number, cells in table.rows]
    keys = [_key(platform, one, cells) for one, (_n, cells) in zip(typed, table.rows, strict=True)]
    known = set(
        Letter.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True)
    )
    first, found = {}, []
    units = intake.units_for([*boxes.values()])
    for one, key, (number, cells) in zip(typed, keys, table.rows, strict=True):
        sent = _submission(one, platform, boxes, mailbox, key)
        reasons = _reasons(one, sent, at, units)
        if first.setdefault(key, number) != number:
            reasons += (_("与第%(n)s行是同一封信") % {"n": first[key]},)
        found.append(Row(number, cells, sent, key in known, reasons))
    return found


def _key(platform, typed, cells):
    """Return the key of one letter: by its platform's number, or else by all that it says."""
    number = identity.squeeze(typed.get("number", ""))
    return uuid.uuid5(
        _NAMESPACE, "\0".join([platform, number] if number else [platform, "", *cells])
    )


def _submission(typed, platform, boxes, mailbox, key):
    person = {name: typed.get(name, "") for name in ("name", "phone", "id_number")}
    body = typed.get("body", "")
    asked = typed.get("mailbox", "")
    return Submission(
        mailbox=boxes.get(asked, asked) if asked else mailbox,
        kind=_code(typed.get("kind", ""), KINDS, _KINDS) or "other",
        category=_code(typed.get("category", ""), CATEGORIES, {}) or "other",
        title=typed.get("title") or body.split("。")[0].split("\n")[0][: intake.TITLE_LIMITS[1]],
        body=body,
        place=typed.get("place", ""),
        person={name: value for name, value in person.items() if value},
        channel="platform",
        language=_language(typed.get("language", "")),
        idempotency_key=key,
        origin=(platform, typed.get("number", "")),
    )


def _code(word, choices, more):
    """Return the code that a word stands for; the word itself if it is unknown, or nothing."""
    codes = {str(label): code for code, label in choices} | {code: code for code, _l in choices}
    codes |= {other: code for code, words in more.items() for other in words.split()}
    return codes.get(word, word)


def _language(word):
    """Return the code of a language however it is named; the word itself if it is unknown."""
    word = identity.fold(word).lower().replace("_", "-")
    return _code(word, settings.LANGUAGES, _LANGUAGES) or intake.LANGUAGE


def _reasons(typed, sent, at, units):
    """Return why a row is no letter: sentences, none if it is one."""
    wrong = ["number"] if len(typed.get("number", "")) > NUMBER_LENGTH else []
    _person, faults = identity.checked_person(sent.person, today=at.astimezone(SHANGHAI).date())
    try:
        intake.checked(sent, at, units)
    except Incomplete as refusal:
        wrong += [name for name in refusal.fields if name not in faults]
    return (*(str(_REASONS.get(name, name)) for name in wrong), *faults.values())


def keep(officer, text, at):
    """Seal a file until it is imported; return its token. The officer's earlier ones go."""
    LetterFile.objects.filter(officer=officer).delete()
    key_id, sealed = crypto.seal({"text": text})
    token = uuid.uuid4()
    LetterFile.objects.create(
        token=token, officer=officer, sealed=sealed, key_id=key_id, sent_at=at
    )
    return token


def kept(officer, token, at):
    """Return the text of a file that this officer has sent, or None if it is gone."""
    try:
        token = uuid.UUID(str(token))
    except ValueError:
        return None
    file = LetterFile.objects.filter(officer=officer, token=token, sent_at__gt=at - LIFE).first()
    return crypto.open_sealed(file.key_id, file.sealed)["text"] if file else None


def forget(at):
    """Delete the files that nobody has imported in time; return how many."""
    return LetterFile.objects.filter(sent_at__lte=at - LIFE).delete()[0]
