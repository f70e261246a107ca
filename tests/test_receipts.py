import re
import uuid

import pytest

from cases import receipts

RECEIPTS = [receipts.run_receipt("PB", 31**8 + 4321), *(receipts.new_receipt() for _n in range(8))]


def test_receipt_has_one_form_and_an_unambiguous_alphabet():
    for _n in range(200):
        assert re.fullmatch(
            r"PA-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{2}", receipts.new_receipt()
        )
    assert len(receipts.ALPHABET) == len(set(receipts.ALPHABET)) == 31
    assert not set("01ILO") & set(receipts.ALPHABET)


def test_receipts_do_not_repeat():
    assert len({receipts.new_receipt() for _n in range(5000)}) == 5000


@pytest.mark.parametrize(
    "typed",
    [
        "{r}",
        " {lower} ",
        "{plain}",
        "{spaced}",
        "{full}",
        "{r}\u200b",
        "{without}",
    ],
)
def test_parse_takes_it_however_it_is_typed(typed):
    for receipt in RECEIPTS[1:]:
        plain = receipt.replace("-", "")
        text = typed.format(
            r=receipt,
            lower=receipt.lower(),
            plain=plain,
            spaced=" ".join(plain),
            full="".join(chr(ord(c) + 0xFEE0) for c in receipt),
            without=plain[2:],
        )
        assert receipts.parse(text) == receipt


@pytest.mark.parametrize("receipt", RECEIPTS, ids=range(len(RECEIPTS)))
def test_parse_refuses_every_single_wrong_character(receipt):
    for place, right in enumerate(receipt):
        for wrong in receipts.ALPHABET if right != "-" else ():
            if wrong != right:
                with pytest.raises(receipts.BadReceipt):
                    receipts.parse(receipt[:place] + wrong + receipt[place + 1 :])


@pytest.mark.parametrize("receipt", RECEIPTS, ids=range(len(RECEIPTS)))
def test_parse_refuses_every_swap_of_two_characters(receipt):
    plain = receipt.replace("-", "")
    for i in range(len(plain)):
        for j in range(i + 1, len(plain)):
            if plain[i] != plain[j]:
                swapped = list(plain)
                swapped[i], swapped[j] = plain[j], plain[i]
                with pytest.raises(receipts.BadReceipt):
                    receipts.parse("".join(swapped))


@pytest.mark.parametrize(
    "typed", ["", "PA", "PA-0000-0000-00", "你好", "PA-7KQ2-M9XR-C", "\x00", "-"]
)
def test_parse_refuses_another_form_with_an_example(typed):
    with pytest.raises(receipts.BadReceipt, match="PA-7KQ2-M9XR-C9"):
        receipts.parse(typed)


def test_the_example_in_the_message_is_a_receipt():
    assert receipts.parse("PA-7KQ2-M9XR-C9")


def test_run_receipt_is_the_same_each_time_and_carries_the_mark():
    first = receipts.run_receipt("r12", 93_300)
    assert first == receipts.run_receipt("R12", 93_300)
    assert first.startswith("R12-")
    assert receipts.parse(first.lower()) == first


def test_run_receipts_differ_by_number_and_by_mark():
    numbers = [receipts.run_receipt("R1", number) for number in range(1, 3000)]
    assert len(set(numbers)) == len(numbers)
    assert receipts.run_receipt("R1", 5) != receipts.run_receipt("R2", 5)


def test_the_longest_run_receipt_fits_its_column():
    assert len(receipts.run_receipt("R1234567890", 31**9 - 1)) <= 24


@pytest.mark.parametrize(
    ("mark", "number"),
    [("PA", 1), ("", 1), ("R", 1), ("1R", 1), ("R-1", 1), ("R12345678901", 1), ("R1", -1)]
    + [("R1", 31**9)],
)
def test_run_receipt_refuses_what_would_not_be_one(mark, number):
    with pytest.raises(ValueError, match="mark|number"):
        receipts.run_receipt(mark, number)


def test_query_codes_are_eight_digits():
    codes = {receipts.new_query_code() for _n in range(300)}
    assert all(re.fullmatch(r"[0-9]{8}", code) for code in codes)
    assert len(codes) > 290


def test_repeated_sending_shows_the_same_code(settings):
    key = uuid.UUID(int=7)
    code = receipts.query_code_for(key)
    assert re.fullmatch(r"[0-9]{8}", code)
    assert receipts.query_code_for(str(key)) == code
    assert receipts.query_code_for(uuid.UUID(int=8)) != code
    settings.SECRET_KEY = "another"
    assert receipts.query_code_for(key) != code


def test_code_fits_its_own_receipt_alone():
    stored = receipts.hash_code(RECEIPTS[1], "01234567")
    assert "01234567" not in stored
    assert receipts.code_fits(RECEIPTS[1], "01234567", stored)
    assert receipts.code_fits(RECEIPTS[1], " ０１２３ 4567", stored)
    assert not receipts.code_fits(RECEIPTS[1], "01234568", stored)
    assert not receipts.code_fits(RECEIPTS[2], "01234567", stored)
    assert not receipts.code_fits(RECEIPTS[1], "", stored)
    assert not receipts.code_fits(RECEIPTS[1], "", "")


def test_code_still_fits_after_secret_key_was_changed(settings):
    stored = receipts.hash_code(RECEIPTS[1], "01234567")
    key = uuid.UUID(int=7)
    code = receipts.query_code_for(key)
    kept = key, RECEIPTS[1], receipts.hash_code(RECEIPTS[1], code)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert receipts.code_fits(RECEIPTS[1], "01234567", stored)
    assert receipts.query_code_of(*kept) == code
    settings.SECRET_KEY_FALLBACKS = []
    assert not receipts.code_fits(RECEIPTS[1], "01234567", stored)
    assert receipts.query_code_of(*kept) == ""


def test_receipts_of_many_letters_are_those_of_each():
    numbers = [0, 1, 30, 31, *range(29_780, 29_800), 93_300, 31**9 - 1]
    found = receipts.run_receipts("R12", numbers)
    assert found == [receipts.run_receipt("R12", number) for number in numbers]
