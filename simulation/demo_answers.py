"""Published answers for a first look: made-up questions, let through as real ones are."""

from cases import access, publishing
from cases.models import Case, Officer
from cases.transitions import State

# By category; a closed demo letter of that category lends its consent.
_TEXTS = {
    "exit_entry": (
        "在外地工作，可以就近办护照吗",
        "户籍在省外，在本市工作，想就近办理护照，应当去哪里、带什么？",
        (
            "可以。内地居民可以在全国任一县级以上公安机关出入境管理机构办理，不用回户籍地。"
            "请带居民身份证，按现场要求拍照。办理前可以先在网上预约时间。"
        ),
    ),
    "fraud": (
        "接到自称公安的电话要我转账怎么办",
        "有人打电话自称民警，说我涉嫌犯罪，要我把钱转到“安全账户”，是真的吗？",
        (
            "是诈骗。公安机关没有安全账户，也不会在电话里要求转账。请马上挂断，拨打96110咨询；"
            "已经转账的，立即拨打110，并带转账记录到就近派出所报案。"
        ),
    ),
    "public_order": (
        "楼上夜里吵闹怎么办",
        "邻居深夜大声播放音乐，劝说没有用，公安机关管不管？",
        (
            "可以先请物业或居委会劝阻；正在发生的，请拨打110，民警会到场处理。"
            "多次劝阻不改的，公安机关可以依法给予警告或罚款。"
        ),
    ),
}


def publish(at):
    """Publish an answer of each category that has a closed letter; return how many."""
    done = 0
    for category, words in _TEXTS.items():
        closed = Case.objects.filter(state=State.CLOSED, category=category).order_by("pk")
        letters = closed.select_related("letter__writer", "mailbox")
        case = next((c for c in letters if publishing.may_be_published(c, at)), None)
        if case is None:
            continue
        publishing.consent(case, True, at)
        typed = dict(zip(publishing.LIMITS, words, strict=True))
        publishing.write(_officer(case, "triage_case"), case, typed, at)
        publishing.review(_officer(case, "review_reply"), case, 1, at)
        done += 1
    return done


def _officer(case, permission):
    """Return a demo officer of the letter's mailbox with a right."""
    officers = Officer.objects.filter(is_active=True, is_superuser=False, unit=case.mailbox)
    return next(
        one
        for one in officers.order_by("pk")
        if one.has_perm(f"cases.{permission}")
        and access.visible_cases(one).filter(pk=case.pk).exists()
    )
