"""Every address of a letter, taken from the addresses themselves: hidden and absent look the same."""

import pytest

from cases.desk.urls import urlpatterns
from cases.transitions import PERMISSIONS, State
from tests.desk_page import CITY, HANDLER
from tests.people import PERSON

pytestmark = pytest.mark.django_db

EVERY_RIGHT = [codename for codename, _label in PERMISSIONS]
ABSENT = "PA-0000-0000-00"
# Addresses that begin with a receipt, and what stands for the rest of them.
OF_A_LETTER = [p for p in urlpatterns if str(p.pattern).startswith("<str:receipt>")]
LISTS = [p for p in urlpatterns if not p.pattern.converters]


def address(pattern, receipt, other):
    values = {"receipt": receipt, "other": other, "number": "1", "action": "note", "pk": "1"}
    text = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        kind = "int" if "Int" in type(converter).__name__ else "str"
        text = text.replace(f"<{kind}:{name}>", values[name])
    return f"/desk/{text}"


def answer(client, method, place):
    said = getattr(client, method)(place, {"seen": 1, "text": "看一看", "reason": "核对电话"})
    return said.status_code, said.content


@pytest.fixture(params=["accused", "recused", "elsewhere"])
def hidden(request, client, cast, make_officer):
    """(receipt of a letter that the signed-in officer may not see, the receipt of one they see)."""
    unit = "440305" if request.param == "elsewhere" else HANDLER
    officer = make_officer(*EVERY_RIGHT, unit=unit)
    case, seen = cast.make_case(State.IN_HAND), cast.make_case(State.IN_HAND)
    if request.param == "accused":
        cast.step(case.pk, "name_accused", accused_unit=HANDLER)
    elif request.param == "recused":
        cast.step(case.pk, "recuse", officer=officer, recusal_reason="interest")
    client.force_login(officer)
    return case.letter.receipt, seen.letter.receipt


def test_each_address_of_a_hidden_letter_looks_absent(client, hidden):
    receipt, seen = hidden
    assert len(OF_A_LETTER) > 4
    for pattern in OF_A_LETTER:
        for method in ("get", "post"):
            here, nowhere = (address(pattern, r, seen) for r in (receipt, ABSENT))
            assert answer(client, method, here) == answer(client, method, nowhere), here
            assert answer(client, method, here)[0] in (404, 405), here


def test_hidden_letter_beside_one_that_is_seen_looks_absent(client, hidden):
    receipt, seen = hidden
    for pattern in OF_A_LETTER:
        if "other" in pattern.pattern.converters:
            here, nowhere = (address(pattern, seen, r) for r in (receipt, ABSENT))
            assert answer(client, "get", here) == answer(client, "get", nowhere)


def test_no_list_names_a_hidden_letter(client, hidden):
    receipt, _seen = hidden
    for pattern in LISTS:
        for query in ("", "?scope=all"):
            text = client.get(f"/desk/{pattern.pattern}{query}").content.decode(errors="replace")
            assert receipt not in text, pattern
        # What was asked for stands on the page again, but it leads nowhere.
        asked = client.get(f"/desk/{pattern.pattern}?q={receipt}&scope=all").content
        assert f"/desk/{receipt}/" not in asked.decode(errors="replace"), pattern


@pytest.mark.parametrize("kind", ["report", "help"])
def test_writer_of_a_report_is_on_no_page_of_the_handling_unit(client, cast, make_officer, kind):
    case = cast.make_case(State.IN_HAND, kind=kind, confidential=kind == "help")
    client.force_login(make_officer(*EVERY_RIGHT, unit=HANDLER))
    receipt = case.letter.receipt
    places = [address(p, receipt, receipt) for p in OF_A_LETTER]
    places += [f"/desk/{p.pattern}" for p in LISTS] + ["/desk/?scope=all"]
    shown = [client.get(place).content.decode(errors="replace") for place in places]
    shown += [
        client.post(f"/desk/{receipt}/identity/", {"reason": "核对电话"}).content.decode(),
        client.post("/desk/export/", {"address": "?scope=all"}).content.decode(),
    ]
    # Masked parts would tell as well: the family name, the last digits.
    secrets = [PERSON["name"], PERSON["phone"], PERSON["id_number"], PERSON["email"], "测**"]
    for place, text in zip([*places, "identity", "export"], shown, strict=True):
        assert not [s for s in secrets if s in text], place
    typed = {"number": PERSON["phone"], "reason": "核对来信人"}
    found = client.post("/desk/search/writer/", typed).content.decode()
    assert receipt not in found


def test_officer_of_the_mailbox_finds_the_writers_letters(client, cast, make_officer):
    case = cast.make_case(State.IN_HAND, kind="help")
    client.force_login(make_officer(*EVERY_RIGHT, unit=CITY))
    typed = {"number": PERSON["phone"], "reason": "核对来信人"}
    assert case.letter.receipt in client.post("/desk/search/writer/", typed).content.decode()
