"""The steps that officers take on the letters of planted people."""

from tests.planted import SAID

HANDLER = "440304"
WORDS = f"已按规定办理，请知悉。{SAID}"
BODY = f"小区门口的红绿灯坏了一个星期，孩子上学过马路很危险，请尽快维修。{SAID}"
SIGNED = [("accept", {}), ("dispatch", {"unit": HANDLER, "text": WORDS}), ("sign", {})]
COMPLAINT = [
    ("accept", {}),
    ("name_accused", {"accused_unit": "440305", "text": WORDS}),
    ("dispatch", {"unit": HANDLER}),
    ("forward_down", {"unit": f"{HANDLER}-01"}),
    ("sign", {}),
    ("arrange_meeting", {"how": "counter", "slot": "2026-09-20T10:00"}),
    ("cancel_meeting", {"text": WORDS}),
    ("meet", {"how": "counter", "text": WORDS}),
    ("record_finding", {"finding": "partly", "text": WORDS}),
    ("record_rectification", {"by_date": "2026-10-30", "text": WORDS}),
    ("end_rectification", {"text": WORDS}),
    ("clear_accused", {"text": WORDS}),
]
ANSWER = [
    ("record_result", {"result": "done"}),
    ("propose_reply", {"text": f"红绿灯已修好，感谢您的来信。{WORDS}"}),
    ("approve_reply", {}),
]
MUCH = [  # steps of the office on one letter
    ("accept", {}),
    ("reclassify", {"kind": "help", "category": "traffic"}),
    ("escalate", {"text": WORDS}),
    ("dispatch", {"unit": HANDLER}),
    ("return_to_desk", {"return_reason": "unclear", "text": WORDS}),
    ("dispatch", {"unit": HANDLER}),
    ("recall", {"text": WORDS}),
    ("dispatch", {"unit": HANDLER}),
    ("sign", {}),
    ("contact", {"how": "phone", "reached": "yes", "text": WORDS}),
    ("feedback", {"text": WORDS}),
    ("note", {"text": WORDS}),
    ("instruct", {"text": WORDS}),
    ("take_charge", {}),
    ("acknowledge", {}),
    ("release_charge", {"text": WORDS}),
    ("request_extension", {"days": "3", "text": WORDS}),
    ("extend", {"days": "3", "text": WORDS}),
    ("urge", {}),
    ("supervise", {"level": "yellow"}),
    ("answer_supervision", {"text": WORDS}),
]
CLUE = [
    *SIGNED,
    ("pass_clue", {"review": "plain"}),
    ("decide_filing", {"filing": "filed", "number": "深公立字〔2026〕9号"}),
    ("record_incident", {"number": "A4403000000002026010001"}),
    ("record_rule", {"number": "深公通〔2026〕1号", "title": "信访件办理规范"}),
    *ANSWER,
]
