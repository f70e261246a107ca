"""What an actor may say with an action: fields, their types and their choices.

Codes are stored, so they are never reworded; labels may be.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

TEXT, CODE, YES_NO, NUMBER, LABEL, UNIT, OFFICER, CASE, ACCUSED, DATE, MOMENT, LINK = (
    "text",  # free text: kept as a Message, never in the log
    "code",  # one of the field's choices
    "yes_no",
    "number",
    "label",  # a short official number or title, never about a person
    "unit",
    "officer",
    "case",  # another case, by its receipt
    "accused",  # a unit that is only named: the case does not go there
    "date",  # a day of Guangdong, ISO
    "moment",  # a minute of Guangdong's time, ISO
    "link",  # an https address: kept at the end of the Message, never in the log
)


@dataclass(frozen=True)
class Field:
    """A thing an actor says with an action: its label, its type, its choices."""

    label: str
    type: str
    choices: tuple[tuple[str, str], ...] = ()


KINDS = (
    ("consult", _("咨询")),
    ("help", _("求助")),
    ("complaint", _("投诉")),
    ("report", _("举报")),
    ("suggestion", _("建议")),
    ("praise", _("感谢表扬")),
    ("other", _("其他")),
)
# Letters that bring a problem, so that "solved" has a meaning for them.
PROBLEM_KINDS = ("help", "complaint", "report")

CATEGORIES = (
    ("traffic", _("交通管理")),
    ("household", _("户政身份证")),
    ("exit_entry", _("出入境")),
    ("public_order", _("治安")),
    ("criminal", _("刑事案件")),
    ("economic", _("经济犯罪")),
    ("fraud", _("电信网络诈骗")),
    ("cyber", _("网络安全")),
    ("drugs", _("禁毒")),
    ("noise", _("噪音扰民")),
    ("missing", _("寻人")),
    ("conduct", _("执法与作风")),
    ("other", _("其他")),
)

# Categories in which an incident is a crime, as 破获 counts them; 查破各类案件 counts all.
CRIMINAL_CATEGORIES = ("criminal", "economic", "fraud", "cyber", "drugs", "missing")

RESULTS = (
    ("done", _("已办成")),
    ("explained", _("已解释")),
    ("no_ground", _("诉求无依据")),
    ("elsewhere", _("由他处办理")),
)

DECLINE_REASONS = (
    ("emergency", _("属紧急警情，应拨打110")),
    ("not_ours", _("不属公安机关职权")),
    ("in_proceedings", _("已经或依法应当通过诉讼、仲裁、复议解决")),
    ("repeated", _("同一事项重复来信，正在办理或已答复")),
    ("no_request", _("没有具体诉求")),
    ("private_dispute", _("属民事纠纷")),
    ("unlawful", _("内容违法或侮辱诽谤")),
    ("no_contact", _("身份或联系方式不实")),
)

ELSEWHERE = (
    ("110", _("110 报警")),
    ("12389", _("12389 公安机关举报平台")),
    ("12345", _("12345 政务服务便民热线")),
    ("petition", _("信访部门")),
    ("court", _("人民法院")),
    ("discipline", _("纪检监察机关")),
    ("other", _("其他部门")),
)

RETURN_REASONS = (
    ("not_our_area", _("不属本辖区")),
    ("not_our_duty", _("不属本单位职责")),
    ("unclear", _("内容不清，无法办理")),
    ("recusal", _("应当回避")),
)

RECUSAL_REASONS = (
    ("accused", _("来信反映的就是本人")),
    ("relative", _("是当事人或其近亲属")),
    ("interest", _("与来信事项有利害关系")),
    ("other", _("其他可能影响公正办理的情形")),
)

LEVELS = (("yellow", _("黄牌")), ("red", _("红牌")))

# 公通字〔2015〕32号: days in which police decide whether to file a criminal case.
FILING_REVIEWS = (
    ("plain", _("一般线索，3日内")),
    ("check", _("需查证的线索，7日内")),
    ("grave", _("重大疑难，经县级以上公安机关负责人批准，30日内")),
)
FILING_DAYS = {"plain": 3, "check": 7, "grave": 30}
FILINGS = (
    ("filed", _("立案")),
    ("not_filed", _("不予立案")),
    ("moved", _("移送其他机关")),
)

FINDINGS = (("true", _("属实")), ("partly", _("部分属实")), ("false", _("不属实")))
# Findings that ask for something to be put right.
FAULTS = ("true", "partly")

FIELDS = {
    "text": Field(_("内容"), TEXT),
    "kind": Field(_("信件类别"), CODE, KINDS),
    "category": Field(_("业务类别"), CODE, CATEGORIES),
    "decline_reason": Field(_("不予受理理由"), CODE, DECLINE_REASONS),
    "elsewhere": Field(_("应向何处反映"), CODE, ELSEWHERE),
    "return_reason": Field(_("退回理由"), CODE, RETURN_REASONS),
    "unit": Field(_("办理单位"), UNIT),
    "officer": Field(_("承办民警"), OFFICER),
    "accused_unit": Field(_("被反映单位"), ACCUSED),
    "recusal_reason": Field(_("回避理由"), CODE, RECUSAL_REASONS),
    "how": Field(
        _("方式"),
        CODE,
        (
            ("phone", _("电话")),
            ("online", _("网上视频")),
            ("visit", _("上门")),
            ("counter", _("当面")),
        ),
    ),
    "reached": Field(_("是否联系上"), YES_NO),
    "result": Field(_("办理结果"), CODE, RESULTS),
    "days": Field(_("延长天数"), NUMBER),
    "satisfied": Field(_("是否满意"), YES_NO),
    "solved": Field(_("问题是否解决"), YES_NO),
    "into": Field(_("主件编号"), CASE),
    "level": Field(_("督办等级"), CODE, LEVELS),
    "number": Field(_("编号"), LABEL),
    "title": Field(_("名称"), LABEL),
    "slot": Field(_("会见时间"), MOMENT),
    "link": Field(_("会见链接"), LINK),
    "review": Field(_("审查期限"), CODE, FILING_REVIEWS),
    "filing": Field(_("审查结果"), CODE, FILINGS),
    "finding": Field(_("认定"), CODE, FINDINGS),
    "by_date": Field(_("完成期限"), DATE),
    "to_merged": Field(_("并入的来信也能看到这份答复"), YES_NO),
    "cause": Field(
        _("原因"),
        CODE,
        (("policy", _("时限规则有变")), ("calendar", _("工作日安排已公布"))),
    ),
    "form": Field(_("形式"), CODE, (("letter", _("感谢信")), ("banner", _("锦旗")))),
}
