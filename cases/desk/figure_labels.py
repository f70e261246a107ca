"""What each figure is called, and what it counts; names are those of cases/statistics.py."""

from django.utils.translation import gettext_lazy as _

# (measure, label, what it counts)
COUNTS = (
    ("received", _("收到"), _("收到的来信，一封算一件，并件也算")),
    ("responded", _("响应"), _("首次有实质回应的来信：联系上、反馈、答复、请补充或告知不受理")),
    ("replied", _("答复"), _("第一次答复的来信；不等于办结，也不等于解决")),
    ("closed", _("办结"), _("答复后由来信人办结，或期满无异议办结；重办的减去")),
    ("solved", _("解决"), _("求助、投诉、举报中已办成，且来信人认可或无异议的")),
    ("solved_by_word", _("来信人称已解决"), _("已办成，且来信人亲口说已解决的")),
    ("declined", _("不予受理"), _("说明理由和去处后不予受理的；复核恢复的、撤销的减去")),
    ("merged", _("并件"), _("并入另一件办理的来信；撤销的减去")),
    ("transferred_out", _("转办外单位"), _("转交公安机关以外部门的来信")),
    ("withdrawn", _("撤回"), _("来信人自己撤回的")),
    ("thanks", _("感谢信"), _("来信人通过信箱送来的感谢信")),
    ("banners", _("锦旗"), _("来信人送来的锦旗")),
    ("incidents", _("查破案件"), _("由来信查破的案件，一个案件编号只算一次")),
    (
        "criminal_incidents",
        _("破获刑事案件"),
        _("其中，来信属刑事、经济、电诈、网络、禁毒、寻人类的，一个案件编号只算一次"),
    ),
    ("rules", _("规范性文件"), _("由来信推动出台的文件，一个文号只算一次")),
    ("hops", _("流转"), _("交办和下转的次数")),
    ("returned", _("退回"), _("办理单位退回的次数")),
    ("reopened", _("重办"), _("答复后重新办理的次数")),
    ("urged", _("催办"), _("催办的次数")),
    ("supervised", _("督办"), _("黄牌和红牌的次数")),
    ("rated", _("评价"), _("来信人评价的次数")),
)

# (label, parts above the line, parts below it, what it says); as statistics.rates has them.
RATES = (
    (_("答复率"), ("replied", "declined"), ("received",), _("已答复或已告知不受理的 / 收到的")),
    (
        _("按时联系率"),
        ("contact_kept",),
        ("contact_kept", "contact_late"),
        _("按时首次联系的 / 已首次联系的"),
    ),
    (
        _("按时答复率"),
        ("reply_kept",),
        ("reply_kept", "reply_late"),
        _("在期限内的答复 / 全部答复"),
    ),
    (_("解决率"), ("solved",), ("received",), _("解决的 / 收到的")),
    (
        _("来信人认可解决率"),
        ("solved_by_word",),
        ("rated",),
        _("来信人称已解决的 / 有评价的"),
    ),
    (_("满意率"), ("satisfied",), ("rated",), _("满意的 / 有评价的")),
)

PROMISES = tuple(
    (label, (f"{name}_kept",), (f"{name}_kept", f"{name}_late"), _("在期限内完成的 / 已完成的"))
    for name, label in (
        ("accept", _("按时受理")),
        ("sign", _("按时签收")),
        ("contact", _("按时联系")),
        ("feedback", _("按时反馈")),
        ("reply", _("按时答复")),
    )
)

# (label, least and greatest age in days) of letters that are open; None: no greatest.
AGES = (
    (_("不到3天"), 0, 2),
    (_("3–6天"), 3, 6),
    (_("7–14天"), 7, 14),
    (_("15–29天"), 15, 29),
    (_("30–59天"), 30, 59),
    (_("60天及以上"), 60, None),
)

# (line of Tally.books, label, what it counts, the list's state)
BOOKS = (
    ("received", _("收到"), _("至今收到的全部来信"), ""),
    ("open", _("未了结"), _("现在还在办理或等来信人补充的"), "open"),
    ("replied", _("已答复"), _("已答复、还没有办结的"), "replied"),
    ("closed", _("已办结"), _("已经办结的"), "closed"),
    ("declined", _("不予受理"), _("不予受理的"), "declined"),
    ("merged", _("已并件"), _("已并入另一件的"), "merged"),
    ("transferred_out", _("转办外单位"), _("已转交其他部门的"), "transferred_out"),
    ("withdrawn", _("已撤回"), _("来信人撤回的"), "withdrawn"),
)

# (measure, label) of a month's bulletin, beside the month before.
BULLETIN = (
    *((name, label) for name, label, _says in COUNTS),
    ("open", _("月末未了结")),
    ("reply_late", _("逾期答复")),
    ("step_yellow", _("黄牌")),
    ("step_red", _("红牌")),
    ("step_answer_supervision", _("督办回复")),
)
BULLETIN_RATES = (*RATES, *(row for row in PROMISES if row[1] not in {r[1] for r in RATES}))
# (measure, or the two lines of a rate, and label) of each unit in it.
BULLETIN_UNITS = (
    ("received", _("收到")),
    ("replied", _("答复")),
    ("closed", _("办结")),
    ("solved", _("解决")),
    ("open", _("月末未了结")),
    (RATES[2][1:3], RATES[2][0]),
    ("reply_late", _("逾期答复")),
    ("urged", _("催办")),
    ("step_yellow", _("黄牌")),
    ("step_red", _("红牌")),
    ("step_answer_supervision", _("督办回复")),
    ("returned", _("退回")),
    ("reopened", _("重办")),
)
