from datetime import date

import pytest

from cases import identity

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  你好，世界（1）！\r\n第二行\t完 ", "你好，世界（1）！\n第二行\t完"),
        ("噪音\x00扰民\x1b", "噪音扰民"),
        ("半个\ud83d字符", "半个字符"),
        ("照片\u202egpj.exe", "照片gpj.exe"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
    ],
)
def test_clean_keeps_what_was_written_and_drops_what_cannot_be_shown(typed, stored):
    assert identity.clean(typed) == stored


def test_fold_makes_full_width_half_width():
    assert identity.fold("　ＰＡ－７ｋ：９　０\ufeff\u200b ") == "PA-7k:9 0"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("19500000000", "19500000000"),
        ("16600000000", "16600000000"),
        ("19900000000", "19900000000"),
        ("１９５００００００００", "19500000000"),
        ("195 0000-0000", "19500000000"),
        ("\u202d195 0000 0000\u202c", "19500000000"),
        ("+86 195 0000 0000", "19500000000"),
        ("0086-19500000000", "19500000000"),
        ("010-00000000", "010-00000000"),
        ("（020）00000000", "020-00000000"),
        ("02000000000", "020-00000000"),
        ("0755—00000000转123", "0755-00000000-123"),
        ("+86-20-00000000", "020-00000000"),
        ("400-000-0000", "4000000000"),
        ("+852 0000 0000", "+85200000000"),
        ("00853-0000-0000", "+85300000000"),
        ("852 0000 0000", "+85200000000"),
        ("+886 900 000 000", "+886900000000"),
        ("+44 (0)20 0000 0000", "+442000000000"),
        ("14500000000", "14500000000"),
        ("16200000000", "16200000000"),
        ("19200000000", "19200000000"),
        ("8619500000000", "19500000000"),
        ("+86 (0) 195 0000 0000", "19500000000"),
        ("019500000000", "19500000000"),
        ("195·0000·0000", "19500000000"),
        ("01000000000", "010-00000000"),
        ("020-0000-0000", "020-00000000"),
        ("0769-0000000 分机 8", "0769-0000000-8"),
        ("0755-00000000 Ext. 801", "0755-00000000-801"),
    ],
)
def test_phone_is_stored_in_one_form(typed, stored):
    assert identity.check_phone(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12300000000",
        "110",
        "1950000000",
        "195000000000",
        "00000000",
        "电话",
        "+",
        "+852 0000 000",
        "0000 0000",
        "12000000000",
        "19500000000/19500000001",
        "95188",
        "١٩٥٠٠٠٠٠٠٠٠",
    ],
)
def test_phone_that_cannot_be_is_refused(typed):
    with pytest.raises(identity.BadInput, match="手机号码"):
        identity.check_phone(typed)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("110101200002290018", "110101200002290018"),
        ("１１０１０１２００００２２９００１８", "110101200002290018"),
        (" 110101 20000229 0018 ", "110101200002290018"),
        ("44030019900101018x", "44030019900101018X"),
        ("44030019900101018ｘ", "44030019900101018X"),
        ("44030019900101018Ⅹ", "44030019900101018X"),  # a Roman ten
        ("44030019900101018х", "44030019900101018X"),  # Cyrillic
        ("44030019900101018×", "44030019900101018X"),  # a sign
        ("440300-19900101-018X", "44030019900101018X"),
    ],
)
def test_id_card_is_stored_half_width_and_upper_case(typed, stored):
    assert identity.check_id_number(typed, today=TODAY) == stored


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("111111111111111111", "出生日期"),
        ("110101190102290019", "出生日期"),
        ("11010120000230001X", "出生日期"),
        ("990101199001010019", "地区代码"),
        ("110101200002290019", "校验码"),
        ("110101200002290081", "校验码"),
        ("110101900101001", "15位"),
        ("1101012000022900180", "18位"),
        ("11010120000229001Y", "18位"),
        ("", "18位"),
    ],
)
def test_id_card_that_cannot_be_is_refused_with_its_reason(typed, reason):
    with pytest.raises(identity.BadInput, match=reason):
        identity.check_id_number(typed, today=TODAY)


def _with_digit(first_17: str) -> str:
    """Append the check digit by the other formula of the standard: powers of two mod 11."""
    total = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(first_17))
    return first_17 + "10X98765432"[total % 11]


@pytest.mark.parametrize(
    ("born", "accepted"),
    [("18991231", False), ("19000101", True), ("20260302", True), ("20260303", False)],
)
def test_id_card_is_of_someone_born_from_1900_to_today(born, accepted):
    number = _with_digit(f"440100{born}001")
    if accepted:
        assert identity.check_id_number(number, today=TODAY) == number
    else:
        with pytest.raises(identity.BadInput, match="出生日期"):
            identity.check_id_number(number, today=TODAY)


# Of people from Hong Kong, Macau and Taiwan.
RESIDENCE_PERMITS = ("81000019900101001", "82000019900101001", "83000019900101001")


@pytest.mark.parametrize(
    ("id_type", "typed", "stored"),
    [
        ("passport", "e00000000", "E00000000"),
        ("hk_macau_permit", "h0000000000", "H0000000000"),
        ("hk_macau_permit", "ｍ００００００００", "M00000000"),
        ("hk_macau_permit", "H00000000(01)", "H0000000001"),
        ("taiwan_permit", "００００００００", "00000000"),
        ("taiwan_permit", "0000000000（B）", "0000000000B"),
        ("passport", "EA 000 0000", "EA0000000"),
        ("foreign_pr", "abc 0000 0000 0000", "ABC000000000000"),
        ("foreign_pr", "ABC000000000000", "ABC000000000000"),
        ("foreign_pr", _with_digit("91184019900101001"), _with_digit("91184019900101001")),
        *(("id_card", n, n) for n in map(_with_digit, RESIDENCE_PERMITS)),
    ],
)
def test_other_documents_are_taken(id_type, typed, stored):
    assert identity.check_id_number(typed, id_type, today=TODAY) == stored


@pytest.mark.parametrize(
    ("id_type", "typed"),
    [
        ("passport", "E0"),
        ("passport", "护照00000"),
        ("hk_macau_permit", "X00000000"),
        ("hk_macau_permit", "H0000000"),
        ("taiwan_permit", "0000000"),
        ("taiwan_permit", "T00000000"),
        ("foreign_pr", "ABC00000000000"),
        ("foreign_pr", _with_digit("91184020270101001")),
        ("foreign_pr", "990101199001010019"),
        ("nonsense", "E00000000"),
    ],
)
def test_other_documents_that_cannot_be_are_refused(id_type, typed):
    with pytest.raises(identity.BadInput):
        identity.check_id_number(typed, id_type, today=TODAY)


def test_email_is_checked_and_folded():
    for typed in (" name＠example.com ", "ｎａｍｅ@example。com"):
        assert identity.check_email(typed) == "name@example.com"
    long = "a" * 60 + "@" + "b" * 60 + ".c" * 80 + ".com"
    for wrong in ("", "name", "a@b", "a@example.com\nBcc: b@example.com", "a@b.cn;c@d.cn", long):
        with pytest.raises(identity.BadInput, match="邮箱"):
            identity.check_email(wrong)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  张  三 ", "张 三"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("Ann O'Neil", "Ann O'Neil"),
        ("𠮷野\n太郎", "𠮷野 太郎"),
        ("张", None),
        ("--", None),
        ("🙂🙂", None),
        ("19500000000", None),
        ("名" * 101, None),
    ],
)
def test_name_is_of_letters_on_one_line(typed, stored):
    if stored:
        assert identity.check_name(typed) == stored
    else:
        with pytest.raises(identity.BadInput, match="真实姓名"):
            identity.check_name(typed)


def test_person_is_checked_as_a_whole_and_each_error_names_its_field():
    good, wrong = identity.checked_person(
        {"name": " 陈  某某 ", "phone": "１９５００００００００", "id_number": "1", "email": ""},
        today=TODAY,
    )
    assert good == {"name": "陈 某某", "phone": "19500000000"}
    assert list(wrong) == ["id_number"] and "18位" in wrong["id_number"]
    good, wrong = identity.checked_person(
        {"id_type": "passport", "id_number": "e00000000"}, today=TODAY
    )
    assert (good, wrong) == ({"id_number": "E00000000", "id_type": "passport"}, {})


@pytest.mark.parametrize(
    ("number", "day", "age"),
    [
        ("110101200002290018", date(2014, 2, 28), 13),
        ("110101200002290018", date(2014, 3, 1), 14),
        ("110101200002290018", date(2016, 2, 29), 16),
        ("E00000000", date(2014, 3, 1), None),
        ("999999999999999999", date(2014, 3, 1), None),
    ],
)
def test_age_grows_on_the_birthday(number, day, age):
    assert identity.age_on(number, day) == age


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("name", "欧阳某某", "欧**"),
        ("name", "", ""),
        ("phone", "19500000000", "195****0000"),
        ("phone", "12345", "*****"),
        ("id_number", "110101200002290018", "1****************8"),
        ("email", "name@example.com", "n***@example.com"),
        ("id_type", "passport", "passport"),
    ],
)
def test_mask_hides_the_middle(field, value, shown):
    assert identity.mask(field, value) == shown


def test_mask_refuses_a_field_it_does_not_know():
    with pytest.raises(KeyError):
        identity.mask("address", "某路1号")
