"""Standard texts in Chinese: what simulated officers and writers say, and what officers start from.

An event whose data carry {"template": code} has no text of its own; `render` gives it.
Codes are stored, so they are never reworded; a sentence may be, as long as it adds no fact.
Slots: {kind} 求助来信, {category} 交通管理, {unit} 办理单位的名称.
"""

from functools import cache

from django.utils import translation

from .fields import CATEGORIES, KINDS

# A reply is opening + one wording of its result + ending, so that no two need be alike.
REPLY_OPENINGS = (
    "您好！您的{kind}已由{unit}办理完毕，现答复如下：",
    "您好，来信收悉。针对您反映的{category}问题，{unit}进行了认真核实，现将情况答复您：",
    "感谢您来信。{unit}接到交办后，安排专人与您联系并逐项核查，现答复如下：",
    "您好！关于您在{kind}中提出的{category}事项，{unit}已经办理，情况如下：",
    "您好，{unit}高度重视您的来信，现就有关情况向您作如下说明：",
)
REPLY_ENDINGS = (
    "感谢您对公安工作的理解和支持。",
    "如您对办理结果有不同意见，可在信箱中评价或申请重办。",
    "如有新的情况，请通过信箱继续告诉我们；遇紧急警情请拨打110。",
    "欢迎您继续监督我们的工作，并对本次办理作出评价。",
    "如还有不清楚的地方，可直接联系承办民警。祝您生活愉快！",
)

TEMPLATES = {
    "reply.done": (
        "您反映的情况属实，现已处理到位，我们还将在今后一段时间内持续跟进。",
        "经办理，您提出的诉求已经落实，承办民警也已当面或电话向您说明。",
        "我们已会同有关单位到现场处置，问题得到解决，并已列入日常巡查。",
        "您来信所提事项已经办妥，无需您再次跑动。",
        "经调查处理，有关问题已经整改完成，后续将安排回访，听取您的意见。",
        "我们已依法对相关行为作出处理，现场秩序已经恢复。",
    ),
    "reply.explained": (
        "您咨询的事项有明确规定，承办民警已向您逐条说明办理条件、所需材料和办理途径。",
        "经核实，有关办理符合规定，我们已向您解释原因和依据，并听取了您的意见。",
        "您提出的意见我们已认真研究，能马上做的已经安排，需要时间的已列入工作计划。",
        "承办民警已就政策规定和办事流程与您充分沟通，并告知了后续可以采取的办法。",
        "目前该事项正按法定程序办理，尚在期限之内，我们已向您说明进展和下一步安排。",
    ),
    "reply.no_ground": (
        "经调取记录并走访核实，未发现您反映的情况，诉求缺乏事实依据。",
        "经核查，现有证据不足以支持您的诉求，如您有新的线索或材料，我们将继续核实。",
        "您提出的事项不符合现行规定的办理条件，因此无法按您的要求办理，敬请谅解。",
        "我们复核了全部办理过程，未发现违反规定的情形，已将核查情况向您说明。",
        "经多次现场查看，所反映的问题未再出现，暂无处理依据，我们会继续留意。",
    ),
    "reply.elsewhere": (
        "您反映的主要问题属于其他部门的职责，我们已将有关情况转告，并把联系途径告诉了您。",
        "该事项已由有权处理的单位另行办理，其结果将由该单位直接告知您。",
        "来信所涉线索已按程序移送有管辖权的单位，今后进展由其依法告知。",
        "经与有关部门会商，此事由其牵头办理，公安机关做好配合，请您留意其通知。",
    ),
    "feedback.consult": (
        "您好，您咨询的{category}事项已由{unit}承办，我们正在核对有关规定，会尽快答复您。",
        "您好，来信已收到，{unit}正就您提出的问题向业务部门确认，请稍候。",
    ),
    "feedback.help": (
        "您好，{unit}已收到您的求助，承办民警正在了解情况，有进展会及时告诉您。",
        "您好，您反映的困难我们已经了解，{unit}正在协调处理，请保持电话畅通。",
    ),
    "feedback.complaint": (
        "您好，您的投诉已由{unit}受理，我们正在调取记录、核实经过，核实后向您反馈。",
        "您好，对您投诉的{category}问题，{unit}已安排专人调查，请您放心。",
    ),
    "feedback.report": (
        "您好，您提供的线索{unit}已收到，正在核查；您的身份我们会严格保密。",
        "您好，感谢您的举报，{unit}已组织核查，请注意自身安全，不要自行取证。",
    ),
    "feedback.suggestion": (
        "您好，您的建议已收到，{unit}正在研究是否可行，会把意见告诉您。",
        "您好，感谢您为{category}工作出主意，{unit}正在逐条研究您的建议。",
    ),
    "feedback.praise": (
        "您好，您的来信已转达给有关民警，感谢您的肯定。",
        "您好，谢谢您的鼓励，{unit}会把您的心意带给每一位参与的同志。",
    ),
    "feedback.other": (
        "您好，您的来信已由{unit}承办，我们正在了解情况，会尽快答复您。",
        "您好，来信收悉，{unit}正在研究办理，请您稍候。",
    ),
    "ask.consult": (
        "您好，为了准确答复，请补充说明您要办理的具体业务、办理人的情况和目前所在地。",
        "您好，请补充您已经准备了哪些材料、在哪个窗口咨询过，以便我们核对。",
    ),
    "ask.help": (
        "您好，请补充事情发生的具体时间、地点和您目前最需要解决的问题。",
        "您好，为尽快帮您办理，请补充有关材料的照片，并说明方便联系您的时间。",
    ),
    "ask.complaint": (
        "您好，请补充您投诉的具体经过：时间、地点、办理的窗口或单位，以及您的诉求。",
        "您好，如有回执、通知书等材料，请上传，以便我们调取记录核实。",
    ),
    "ask.report": (
        "您好，请补充线索的具体地点、常见的时间段和您所了解的方式，材料可以照片上传。",
        "您好，请说明线索是亲眼所见还是听说，以及是否仍在持续，以便及时核查。",
    ),
    "ask.suggestion": (
        "您好，请补充您的建议所指的具体地点或环节，最好说明希望达到的效果。",
        "您好，请举一两个实际例子说明您的建议，方便我们研究。",
    ),
    "ask.praise": (
        "您好，为把您的心意转达到位，请补充事情的大致时间、地点或办理的窗口。",
        "您好，请补充您所感谢的单位，以便我们核实转达。",
    ),
    "ask.other": (
        "您好，请补充说明您反映的具体事项和希望我们做什么。",
        "您好，来信内容不够具体，请补充时间、地点和诉求，以便办理。",
    ),
    "return.not_our_area": (
        "经核对地址，来信所述地点不在本单位辖区，附核对情况，请改派。",
        "已实地核实，该处属相邻单位管辖，特此退回，请重新交办。",
    ),
    "return.not_our_duty": (
        "来信事项属其他警种职责，本单位无权办理，附依据，请改派。",
        "经研究，该{category}事项不在本单位职责范围内，特此退回。",
    ),
    "return.unclear": (
        "来信未写明时间、地点和诉求，联系后仍无法确定办理内容，特此退回。",
        "来信内容不清，无法判断所指何事，请与来信人核实后再交办。",
    ),
    "return.recusal": (
        "来信涉及本单位人员，依规定应当回避，请交其他单位办理。",
        "本单位与所反映事项有利害关系，申请回避，请改派。",
    ),
    "decline.emergency": (
        "您反映的属于紧急警情，信箱不接受报警。请立即拨打110，民警会第一时间到场。",
    ),
    "decline.not_ours": ("您反映的事项不属于公安机关的职权范围，请向有权处理的部门反映。",),
    "decline.in_proceedings": (
        "该事项已经或者依法应当通过诉讼、仲裁、行政复议等途径解决，请按法定程序主张。",
    ),
    "decline.repeated": (
        "您就同一事项已经来信，前信正在办理或已经答复，本信不再重复受理，请查看前信进度。",
    ),
    "decline.no_request": (
        "来信没有写明具体诉求，暂不能受理。欢迎写清时间、地点和希望解决的问题后重新来信。",
    ),
    "decline.private_dispute": (
        "来信所述属民事纠纷，公安机关不能代为裁断，建议协商、调解或者向人民法院起诉。",
    ),
    "decline.unlawful": ("来信含有违反法律规定或者侮辱、诽谤他人的内容，依规定不予受理。",),
    "decline.no_contact": (
        "经核对，来信所留身份或者联系方式不实，无法与您取得联系，依规定不予受理。",
    ),
    "transfer.110": ("您反映的情况需要现场处置，已转110指挥中心；如情况紧急，请直接拨打110。",),
    "transfer.12389": ("您反映的是对民警违法违纪的检举，已转12389公安机关举报平台依规定办理。",),
    "transfer.12345": (
        "您反映的事项由其他政府部门负责，已转12345政务服务便民热线，由其分派办理。",
    ),
    "transfer.petition": ("您反映的事项属信访事项，已转信访部门依《信访工作条例》办理。",),
    "transfer.court": ("您反映的事项依法由人民法院处理，请向有管辖权的人民法院提出。",),
    "transfer.discipline": (
        "您反映的问题属纪检监察机关受理范围，已按规定移送，由其依纪依法处理。",
    ),
    "transfer.other": ("您反映的事项不属公安机关职责，已转有权处理的部门，请留意其通知。",),
    "recall.wrong_unit": ("交办有误，来信不属该单位职责，现收回另行交办。",),
    "clear_accused.mistaken": ("经核对，来信反映的不是该单位，撤销原来的认定。",),
    "end_recusal.mistaken": ("经核实不存在应当回避的情形，撤销回避。",),
    "note.called": (
        "已电话联系来信人，了解诉求，来信人表示愿意等待核查结果。",
        "已与来信人通话，核对了时间和地点，记录附卷。",
    ),
    "note.unreached": ("两次拨打电话未接通，已发短信，择时再联系。",),
    "note.visited": (
        "已到现场查看，情况与来信基本一致，已拍照存档。",
        "已走访周边群众，了解情况，待汇总。",
    ),
    "note.checked": ("已调取相关记录核查，待法制部门研究意见。",),
    "note.consulted": ("已与有关警种和属地单位会商，明确分工和时限。",),
    "note.handed_over": ("线索已按程序移交办案部门，信件继续由本单位跟进答复。",),
    "note.solved_call": ("回访：来信人表示问题已经解决，对办理结果满意。",),
    "note.unsolved_call": ("回访：来信人表示问题尚未完全解决，希望继续跟进。",),
    "send_back.unclear": (
        "答复没有正面回应来信人的诉求，请补充处理依据和结果后再报。",
        "答复用语过于笼统，请写清做了什么、结果如何、还有什么途径。",
        "核查过程不完整，请补充证据材料并完善答复。",
    ),
    "supervision.answer": (
        "因核查涉及多个单位，办理用时较长，现已明确专人负责，将在期限内办结。",
        "此前人手调配不到位，已作检讨并加派人员，近日即可答复来信人。",
        "已与来信人沟通，说明延迟原因，来信人表示理解，现正加快办理。",
    ),
    "request_extension.complex": ("需要向多个单位核实，或者等待鉴定结论，申请延长办理期限。",),
    "refuse_extension.not_needed": ("可以先答复已查明的部分，期限不变。",),
    "extend.complex": (
        "您反映的事项情况较为复杂，需要向多个单位核实，经领导批准延长办理期限，敬请谅解。",
        "因需等待鉴定或者外地协查结果，经批准延长办理期限，有结果会立即告诉您。",
    ),
    "dispatch.handle": ("请按职责办理，按时联系来信人并反馈。", "请核实办理，结果报信箱专班。"),
    "escalate.grave": (
        "来信反映的情况可能危及公共安全，特直报领导阅示。",
        "此事涉及人数多、影响大，建议领导关注并明确牵头单位。",
    ),
    "instruct.check": (
        "请认真核查，依法办理，并将结果当面答复来信人。",
        "请牵头单位限期解决，结果报我。",
    ),
    "cancel_meeting.changed": ("因工作安排变化，原定会见取消，我们会与您另约时间，请谅解。",),
    "finding.record": ("经调查核实，结合现场记录和当事人陈述，作出以上认定。",),
    "rectification.plan": ("责令责任单位限期整改，组织学习有关规定，完善工作流程。",),
    "rectification.done": ("整改措施已经落实，经核查符合要求。",),
    "urge.late": ("该信办理即将或者已经超过期限，请抓紧办理并说明情况。",),
    "supervise.card": ("催办后仍未办结，现予督办，请书面说明原因并尽快办结。",),
    "meet.held": ("已与来信人会见，听取诉求，明确了办理单位和完成时间。",),
    "supply": (
        "您好，现按要求补充：事情一直在持续，主要集中在傍晚以后，照片已经上传，请查收。",
        "您好，材料已补齐，方便联系我的时间是工作日白天，麻烦了。",
        "补充说明：地点就在来信所写位置，附近居民都可以作证，望尽快处理。",
    ),
    "lapse": ("来信人在期限内没有补充情况，按现有材料继续办理。",),
    "add": (
        "追加情况：来信后同样的问题又出现了，请一并核实。",
        "补充一点：邻居们也有同样的诉求，希望早日处理。",
    ),
    "reconsider": (
        "我不同意不予受理的理由，此事确与公安机关的职责有关，请重新审查。",
        "来信时没有说清楚，我的诉求是请公安机关核实处理，请予复核。",
    ),
    "reopen": (
        "答复后问题依然存在，没有真正解决，请重新办理。",
        "答复与实际情况不符，希望再次核实并给出具体处理结果。",
        "当时说好的整改没有落实，请求重办。",
    ),
    "withdraw": ("问题已经自行解决，不再需要办理，特此撤回，谢谢。",),
    "rate.satisfied": ("办理及时，态度很好，谢谢。", "问题解决了，感谢民警同志。"),
    "rate.dissatisfied": ("问题没有解决，答复太笼统。", "处理时间太长，希望改进。"),
    "thank.letter": (
        "衷心感谢承办民警的耐心和负责，困扰我们许久的事情终于有了结果，特写信致谢！",
        "没想到一封信这么快就有了回音，谢谢你们把群众的小事当成大事来办！",
        "感谢公安机关为民办实事，请转达我和家人对承办同志的谢意！",
    ),
    "thank.banner": (
        "特送上锦旗一面，感谢民警同志尽职尽责、一心为民！",
        "为表谢意，已将锦旗送到办理单位，感谢你们为群众排忧解难！",
    ),
}


@cache
def _words(choices):
    """Return code -> Chinese label, whatever language the reader's page is in."""
    with translation.override("zh-hans"):
        return {code: str(label) for code, label in choices}


def _slots(kind, category, unit):
    kinds, categories = _words(KINDS), _words(CATEGORIES)
    return {
        "kind": "来信" if kind in (None, "other") else kinds[kind] + "来信",
        "category": "有关" if category in (None, "other") else categories[category],
        "unit": unit or "办理单位",
    }


def render(template, *, variant=0, kind=None, category=None, unit=None):
    """Return the Chinese text of a standard text.

    variant: any number >= 0 (such as case_id + seq) that chooses among the wordings.
    kind, category: codes of the case, None if unknown. unit: the unit's name.
    Raises: KeyError for an unknown template, kind or category.
    """
    if template not in TEMPLATES:
        raise KeyError(f"no standard text {template!r} in cases/templates_text.py")
    variant, pick = divmod(variant, len(TEMPLATES[template]))
    text = TEMPLATES[template][pick]
    if template.startswith("reply."):
        variant, pick = divmod(variant, len(REPLY_OPENINGS))
        text = REPLY_OPENINGS[pick] + text + REPLY_ENDINGS[variant % len(REPLY_ENDINGS)]
    return text.format(**_slots(kind, category, unit))
