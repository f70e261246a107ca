"""Common questions and their answers, in our own words: reviewed rows, to browse and to search.

Each tells what the police do about a thing and at which door, or what the law says; no number stands
here but those of laws and public lines. A letter that says what a row's `signs` are is shown it.
"""

from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext_lazy as _

from cases import grams
from cases.fields import CATEGORIES
from cases.wordlists import any_of

# Questions about this mailbox itself stand before those of a category.
OF_THE_MAILBOX = "mailbox"
GROUPS = ((OF_THE_MAILBOX, _("这个信箱")), *CATEGORIES)
_OFFERED = 2
_ENOUGH = 2


@dataclass(frozen=True)
class Question:
    """One common question: its name in addresses, its group, and what a letter about it says.

    signs: words of which one before the bar is enough, two after it.
    """

    name: str
    group: str
    signs: str
    question: str
    answer: str


QUESTIONS = (
    Question(
        "how-long",
        OF_THE_MAILBOX,
        "",
        _("寄出以后多久有答复？"),
        _("办理单位会先打电话联系您。最迟哪天答复，写在您的回执上；首页“要多久”写着各类来信的期限。复杂的事经批准可以延期，会告诉您。"),
    ),
    Question(
        "real-name",
        OF_THE_MAILBOX,
        "",
        _("能不能不写姓名？"),
        _("本信箱实名来信，这样才能核实和答复。不想让办理单位知道您是谁，可以请求保密；举报一律保密。"),
    ),
    Question(
        "secret",
        OF_THE_MAILBOX,
        "",
        _("举报会让对方知道是我吗？"),
        _("举报人的身份，只有信箱专班中经授权的人能看，每次查看都有记录。您写明的被反映单位看不到来信，也不能办理。请不要在标题、内容和附件里写自己的姓名、电话。"),
    ),
    Question(
        "wrong-box",
        OF_THE_MAILBOX,
        "",
        _("选错了信箱或类别怎么办？"),
        _("不要紧，不用再写一封。专班会改正类别，交给负责的单位；答复期限从您寄出时起算，不会因此变长。"),
    ),
    Question(
        "lost-code",
        OF_THE_MAILBOX,
        "",
        _("查询码丢了怎么办？"),
        _("在“查询来信”页，用写信时填写的手机号码验证，可以看到自己的信，并换一个新的查询码。保密的信还要填写证件号码。"),
    ),
    Question(
        "once-more",
        OF_THE_MAILBOX,
        "",
        _("同一件事，可以再写一封吗？"),
        _("不用再写。请打开原来的信追加情况，办理单位马上能看到。答复后问题没有解决的，可以申请重办一次。"),
    ),
    Question(
        "for-others",
        OF_THE_MAILBOX,
        "",
        _("可以替家人或者单位写信吗？"),
        _("可以。先得到他们同意，再选“替别人写”“几个人联名”或“代表单位”。联名的代表最多5人。未满14周岁的人写信，要有监护人同意。"),
    ),
    Question(
        "other-doors",
        OF_THE_MAILBOX,
        "",
        _("哪些事这里不办？"),
        _("正在发生的危险请打110。供水供电、物业、社保、教育等不归公安机关管的事，请打12345。已在诉讼、仲裁、行政复议中的事，由受理的机关办理；已在信访复查、复核中的事，向当地信访局查询。"),
    ),
    Question(
        "broken-light",
        "traffic",
        "红绿灯 信号灯 | 路灯 路口 斑马线 标线 护栏 坏了 损坏 不亮 traffic light crossing broken",
        _("红绿灯坏了、路口不安全，向谁反映？"),
        _("写给当地市公安局的信箱最快，由交警部门办理。请写清哪个区、哪条路、哪个方向、什么时间，能附照片更好。信号灯失灵造成拥堵或危险的，请马上打110。"),
    ),
    Question(
        "fine",
        "traffic",
        "违章 违停 罚单 | 罚款 处罚 扣分 抓拍 不服 申诉 复议 fine penalty parking appeal",
        _("对交通违法处罚不服怎么办？"),
        _("可以先向作出处罚的交警部门说明理由，请求核查。仍然不服的，自知道处罚决定之日起60日内可以申请行政复议，6个月内可以提起行政诉讼。已经复议或诉讼的，信箱不再办理。"),
    ),
    Question(
        "id-card",
        "household",
        "身份证丢 补办身份证 | 身份证 丢了 丢失 遗失 补办 补领 挂失 id card lost replace",
        _("身份证丢了，怎么补？"),
        _("请尽快到就近的派出所或公安办证窗口申报丢失、申请补领；不在户籍地，也可以在居住地办。补领期间急用，可以同时申领临时身份证。公安机关自收到申请之日起60日内发证。"),
    ),
    Question(
        "move",
        "household",
        "落户 入户 迁户 户口迁移 | 户口 户籍 迁移 迁入 迁出 随迁 材料 household registration move",
        _("迁户口要什么材料？"),
        _("要看因为什么迁、从哪里迁到哪里：购房、就业、结婚、投靠亲属，要的材料各不相同。可以先问拟迁入地的派出所，或在广东政务服务网查办事指南。写信来问的，请写明从哪里迁到哪里、因为什么。"),
    ),
    Question(
        "no-crime",
        "household",
        "无犯罪 | 犯罪记录 证明 开具 criminal record certificate",
        _("无犯罪记录证明在哪里开？"),
        _("本人可以向户籍地或居住地的派出所申请，带上身份证件，说明用途。请别人代办的，还要有委托书和代办人的身份证件。"),
    ),
    Question(
        "passport",
        "exit_entry",
        "护照 通行证 签注 passport | 出境 港澳 exit visa permit",
        _("护照、港澳通行证在哪里办？"),
        _("带身份证到任何一个公安出入境窗口都能申请，不用回户籍地。要什么材料、怎么预约，可以打移民管理热线12367，昼夜有人接听。"),
    ),
    Question(
        "gambling",
        "public_order",
        "赌博 赌场 赌档 gambling | 麻将 棋牌 casino",
        _("发现有人赌博，怎么举报？"),
        _("正在发生的，请打110。长期的，可以写信，选“举报”，写清地点、时段、多少人、怎么进出。举报一律保密。"),
    ),
    Question(
        "not-filed",
        "criminal",
        "不予立案 | 报案 立案 没有回音 没有答复 没人管 回执 case filed reported",
        _("报了案没有回音怎么办？"),
        _("公安机关接到报案应当出具回执。是否立案，一般在3日内审查决定；线索要核实的7日，重大疑难的30日。收到不予立案通知书，可以在7日内申请复议。没有回音的，请写信，写明报案的时间、单位和回执编号。"),
    ),
    Question(
        "debt",
        "economic",
        "欠钱不还 | 欠款 借款 欠钱 拖欠 工资 合同 违约 退款 货款 debt wages contract refund",
        _("别人欠钱不还，公安管吗？"),
        _("单纯的借款、合同、工资纠纷是民事，公安机关不能插手，请找人民法院、仲裁委员会或劳动监察部门。认为对方是用假身份、假项目骗钱的，是诈骗，请带上转账和聊天记录到派出所报案。"),
    ),
    Question(
        "scam",
        "fraud",
        "被骗 诈骗 刷单 杀猪盘 scam | 骗了 骗走 转账 冒充 客服 fraud cheated transfer",
        _("刚被骗走了钱怎么办？"),
        _("不要写信等答复：马上打110，或打反诈专线96110。越早越有可能把钱拦下来。保留好转账记录、聊天记录和对方的账号、电话。"),
    ),
    Question(
        "frozen",
        "fraud",
        "冻结 解冻 frozen | 银行卡 账户 止付 涉案 bank card account",
        _("银行卡被公安机关冻结了怎么办？"),
        _("先问开户银行：是哪个公安机关冻结的，文书编号是什么，到哪天为止。再联系那个公安机关，说明钱从哪里来。联系不上或者没有答复的，可以写信，写明银行、冻结的机关和文书编号，不要写完整卡号。"),
    ),
    Question(
        "insulted",
        "cyber",
        "造谣 人肉 | 网上 谣言 辱骂 隐私 曝光 泄露 诽谤 online rumour insult privacy",
        _("在网上被人造谣、公开隐私怎么办？"),
        _("先保存证据：网页截图、网址、时间、对方的账号；再请平台删除。带上证据到派出所报案。不知道归谁管的，可以写信，写明在哪个平台、哪个账号。"),
    ),
    Question(
        "drugs",
        "drugs",
        "吸毒 贩毒 | 毒品 制毒 冰毒 戒毒 drugs dealing",
        _("发现有人吸毒、贩毒，怎么举报？"),
        _("正在发生的，请打110，不要自己去查。知道线索的，可以写信，选“举报”，写清地点、时间、人的样子和车辆。举报一律保密。"),
    ),
    Question(
        "noise",
        "noise",
        "噪音 噪声 扰民 noise | 太吵 吵闹 半夜 深夜 广场舞 装修 施工 音响 loud night neighbour",
        _("半夜太吵，怎么办？"),
        _("正在吵的，请打110，民警会到场劝止。长期这样的，可以写信，写清地点、时段、声音从哪里来、报过几次警。工地、工厂和商店的噪声，也可以打12345。"),
    ),
    Question(
        "missing",
        "missing",
        "走失 失踪 寻人 missing | 失联 找不到 离家出走",
        _("家人走失，要等24小时才能报警吗？"),
        _("不用等，马上打110。请告诉民警：姓名、年龄、照片、穿什么衣服、最后在哪里、常去哪里、手机号码。走失的是孩子或有病的老人，更要快。"),
    ),
    Question(
        "attitude",
        "conduct",
        "不作为 | 态度 推诿 敷衍 粗暴 执法 警号 不处理 attitude officer rude",
        _("对民警的态度或执法不满意，怎么反映？"),
        _("写信，选“投诉”，写清时间、地点、单位和经过，知道警号的写警号。您写明的单位看不到这封信，也不能办理。民警违纪违法，也可以打12389。"),
    ),
    Question(
        "good-letter",
        "other",
        "",
        _("信怎么写，办得快？"),
        _("一封信只写一件事：什么时间、什么地点、谁、发生了什么、您希望怎么解决。有照片或文书的，一起附上。电话请保持畅通，办理单位会打来核实。"),
    ),
)  # fmt: skip


def found(words="", group=""):
    """Return [(label of a group, its questions)] of those that hold all words, in any language."""
    wanted = grams.folded(words).split()
    among = [
        one
        for one in QUESTIONS
        if group in ("", one.group) and all(word in _searched(one) for word in wanted)
    ]
    groups = [(label, [one for one in among if one.group == code]) for code, label in GROUPS]
    return [(label, rows) for label, rows in groups if rows]


def offered(title, body):
    """Return the questions that a letter seems to ask, at most two."""
    text = grams.folded(f"{title}\n{body}")
    hits = [(_weight(one.signs, text), one) for one in QUESTIONS if one.signs]
    best = sorted((hit for hit in hits if hit[0] >= _ENOUGH), key=lambda hit: -hit[0])
    return [one for _weight, one in best[:_OFFERED]]


def _weight(signs, text):
    sure, rest = _patterns(signs)
    return _ENOUGH * len(set(sure.findall(text))) + len(set(rest.findall(text)))


@cache
def _patterns(signs):
    sure, _bar, rest = signs.partition("|")
    return any_of(sure.split()), any_of(rest.split())


def _searched(one):
    return grams.folded(f"{one.question}\n{one.answer}\n{one.signs}")
