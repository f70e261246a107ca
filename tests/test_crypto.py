import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from cases import crypto

PERSON = {"name": "陈某某", "phone": "19500000000", "id_number": "110101200002290018"}


def _key(letter: str, length: int = 32) -> str:
    return base64.b64encode(letter.encode() * length).decode()


OLD, NEW = f"old:{_key('o')}", f"new:{_key('n')}"


@pytest.fixture
def keys(settings):
    """Set the keys of a test: call it with entries, the current one first."""

    def set_keys(*entries):
        settings.IDENTITY_KEYS = ",".join(entries)

    set_keys(OLD)
    return set_keys


def test_sealed_identity_opens_to_what_it_was(keys):
    key_id, sealed = crypto.seal(PERSON)
    assert key_id == "old"
    assert crypto.open_sealed(key_id, memoryview(sealed)) == PERSON


def test_seal_shows_nothing_and_differs_each_time(keys):
    first, second = crypto.seal(PERSON)[1], crypto.seal(PERSON)[1]
    assert first != second
    assert not any(value.encode() in first for value in PERSON.values())


def test_rotation_seals_with_the_new_key_and_opens_the_old_seals(keys):
    old_id, old_sealed = crypto.seal(PERSON)
    keys(NEW, OLD)
    assert crypto.seal(PERSON)[0] == "new"
    assert crypto.open_sealed(old_id, old_sealed) == PERSON


def test_missing_key_is_named(keys):
    key_id, sealed = crypto.seal(PERSON)
    keys(NEW)
    with pytest.raises(crypto.SealError, match="'old'"):
        crypto.open_sealed(key_id, sealed)


def test_changed_bytes_are_refused(keys):
    key_id, sealed = crypto.seal(PERSON)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(crypto.SealError):
            crypto.open_sealed(key_id, bytes(changed))
    for length in (0, 5, 12, 20):
        with pytest.raises(crypto.SealError):
            crypto.open_sealed(key_id, sealed[:length])


def test_key_id_is_sealed_too(keys):
    keys(f"a:{_key('s')}", f"b:{_key('s')}")
    sealed = crypto.seal(PERSON)[1]
    with pytest.raises(crypto.SealError):
        crypto.open_sealed("b", sealed)


def test_blind_index_finds_the_same_value_however_it_was_typed(keys):
    index = crypto.blind_index("phone", "19500000000")
    assert len(index) == 64 and int(index, 16)
    assert crypto.blind_index("phone", " １９５-0000 0000") == index
    assert crypto.blind_index("id_number", "1x") == crypto.blind_index("id_number", "１Ｘ")


def test_blind_index_differs_by_value_kind_and_key(keys):
    index = crypto.blind_index("phone", "19500000000")
    assert crypto.blind_index("phone", "19500000001") != index
    assert crypto.blind_index("id_number", "19500000000") != index
    keys(NEW)
    assert crypto.blind_index("phone", "19500000000") != index


def test_a_search_asks_for_the_blind_index_of_each_key_the_current_one_first(keys):
    index = crypto.blind_index("phone", "19500000000")
    keys(NEW, OLD)
    new = crypto.blind_index("phone", "19500000000")
    assert new != index
    assert crypto.blind_indexes("phone", "19500000000") == [new, index]
    assert crypto.key_ids() == ["new", "old"]


def test_nothing_has_no_blind_index(keys):
    assert crypto.blind_index("phone", " ") == ""
    assert crypto.blind_indexes("phone", " ") == []


@pytest.mark.parametrize(
    "setting",
    ["", " , ", "noid", f":{_key('k')}", "k:???", f"k:{_key('k', 16)}", f"{OLD},{OLD}"],
)
def test_wrong_setting_is_refused_and_no_key_is_told(settings, setting):
    settings.IDENTITY_KEYS = setting
    with pytest.raises(ImproperlyConfigured, match="IDENTITY_KEYS") as caught:
        crypto.seal(PERSON)
    assert _key("k", 16) not in str(caught.value) and _key("o") not in str(caught.value)
