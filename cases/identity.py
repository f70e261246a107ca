"""What people type about themselves: made uniform, checked, and masked.

Nothing here stores anything; cases/crypto.py seals what was checked.
"""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

ID_TYPES = (
    ("id_card", _("居民身份证或港澳台居民居住证")),
    ("passport", _("护照")),
    ("hk_macau_permit", _("港澳居民来往内地通行证")),
    ("taiwan_permit", _("台湾居民来往大陆通行证")),
    ("foreign_pr", _("外国人永久居留身份证")),
)

# GB/T 2260: the first two digits of the region; 81 to 83 also begin residence permits.
_PROVINCE_RANGES = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = frozenset(
    str(code) for first, last in _PROVINCE_RANGES for code in range(first, last + 1)
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_CHECK_DIGITS = "10X98765432"

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
# Control characters but tab and newline, lone surrogates, and marks that turn the direction of
# writing: these can make a text show what it does not say.
_UNFIT = re.compile("[\0-\b\v-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LAND_LINE = re.compile(
    r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([0-9]{3,4}-?[0-9]{4})(?:(?:[-#*转x]|ext|分机)([0-9]{1,6}))?"
)
_SERVICE_LINE = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
_ABROAD = re.compile(r"\+(?:85[23][0-9]{8}|(?!85[23])[1-9][0-9]{6,14})")
_BEFORE_A_MOBILE = re.compile(r"^(?:86|0)(?=1[3-9][0-9]{9}$)")
_HONG_KONG_OR_MACAU = re.compile(r"85[23][0-9]{8}")
_LONGEST_NAME = 100  # of foreigners with all their given names
_MOST_OF_AN_ADDRESS = 254  # what mail servers take
# What an input method offers beside an X.
_LIKE_X = str.maketrans(dict.fromkeys("ⅩХ×✕╳", "X"))

_PERMITS = {
    "passport": (re.compile(r"[A-Z0-9]{5,17}"), _("护照号码应为5至17位字母或数字。")),
    "hk_macau_permit": (
        re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
        _("港澳居民来往内地通行证号码应为字母H或M加8位或10位数字。"),
    ),
    "taiwan_permit": (
        re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?"),
        _("台湾居民来往大陆通行证号码应为8位或10位数字。"),
    ),
}


class BadInput(ValueError):
    """Something typed can't be right; `message` says so in the reader's language."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def clean(text: str) -> str:
    """Return a text fit to be stored and shown, otherwise as it was written.

    Removes control characters (NUL among them), lone surrogates and marks that
    turn the direction of writing; keeps tabs and newlines; full width stays.
    """
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def has_words(text: str) -> bool:
    """Say whether a text has a letter or a digit of any script, and not signs or invisible marks alone."""
    return any(map(str.isalnum, text))


def fold(text: str) -> str:
    """Return a number, code or address in half width, cleaned and without invisible marks.

    For what people type as data, never for prose: it would turn ，and（ into , and (.
    """
    text = clean(text)
    if not text.isprintable():
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return text.translate(_HALF_WIDTH).strip()


def squeeze(text: str) -> str:
    """Return the folded text in upper case, without spaces and dashes, to compare by."""
    return re.sub(r"[\s\-‐-―−]", "", fold(text)).upper()


def check_phone(text: str) -> str:
    """Return a phone number in the form it is stored in.

    Mobile: 11 digits; land line: area code-number(-extension); abroad: + and digits, which
    may be left out before the codes of Hong Kong and Macau. Raises: BadInput.
    """
    number = re.sub(r"[‐-―−]", "-", fold(text)).lower()
    number = re.sub(r"^(\+[0-9]+) ?\(0\)", r"\1", number)
    number = re.sub(r"[\s().·]", "", number)
    number = re.sub(r"^00(?=[1-9])", "+", number)
    if number.startswith("+86"):
        number = number.removeprefix("+86").lstrip("-")
        if not number.startswith(("0", "1", "400", "800")):
            number = "0" + number  # the area code loses its 0 after +86
    digits = _BEFORE_A_MOBILE.sub("", number.replace("-", ""))
    if _HONG_KONG_OR_MACAU.fullmatch(digits):
        return "+" + digits
    if _MOBILE.fullmatch(digits) or _ABROAD.fullmatch(digits) or _SERVICE_LINE.fullmatch(digits):
        return digits
    if line := _LAND_LINE.fullmatch(number):
        return "-".join(part.replace("-", "") for part in line.groups() if part)
    raise BadInput(
        _(
            "请填写11位手机号码，或带区号的固定电话（如 020-00000000）；"
            "境外号码以+开头（如 +852 00000000）。"
        )
    )


def check_email(text: str) -> str:
    """Return an e-mail address in half width. Raises: BadInput."""
    address = fold(text).replace("。", ".")
    try:
        validate_email(address)
        if len(address) > _MOST_OF_AN_ADDRESS:
            raise ValidationError("too long")
    except ValidationError as error:
        raise BadInput(_("电子邮箱格式不正确，请检查，例如 name@example.com。")) from error
    return address


def check_id_number(text: str, id_type: str = "id_card", *, today: date) -> str:
    """Return an identity number in half width and upper case.

    id_type: a code of ID_TYPES; today: nobody is born after it.
    Raises: BadInput, also for an unknown id_type.
    """
    number = re.sub(r"[()]", "", squeeze(text))
    if id_type == "id_card":
        return _check_id_card(number.translate(_LIKE_X), today)
    if id_type == "foreign_pr":
        return _check_foreign_pr(number.translate(_LIKE_X), today)
    if id_type not in _PERMITS:
        raise BadInput(_("请选择证件类型。"))
    pattern, message = _PERMITS[id_type]
    if not pattern.fullmatch(number):
        raise BadInput(message)
    return number


def _check_id_card(number: str, today: date) -> str:
    if re.fullmatch(r"[0-9]{15}", number):
        raise BadInput(_("15位的旧身份证号码已停用，请填写18位号码。"))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise BadInput(_("身份证号码应为18位，前17位是数字，最后一位是数字或X。"))
    if number[:2] not in PROVINCES:
        raise BadInput(_("身份证号码的前两位不是有效的地区代码，请检查。"))
    _check_birth_and_digit(number, today)
    return number


def _check_foreign_pr(number: str, today: date) -> str:
    """Check the card of 2023 (9, region, country, birth …) or the older one of 15 places."""
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return number
    if not re.fullmatch(r"9[0-9]{16}[0-9X]", number) or number[1:3] not in PROVINCES:
        raise BadInput(_("外国人永久居留身份证号码应为9开头的18位号码，或3位字母加12位数字。"))
    _check_birth_and_digit(number, today)
    return number


def _check_birth_and_digit(number: str, today: date) -> None:
    born = _birth_date(number)
    if born is None or born.year < 1900 or born > today:
        raise BadInput(_("证件号码中的出生日期不正确，请检查。"))
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if _CHECK_DIGITS[total % 11] != number[-1]:
        raise BadInput(_("证件号码有误（校验码不符），请逐位检查。"))


def _birth_date(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age_on(id_number: str, day: date) -> int | None:
    """Return the age in full years on a day, or None if the number does not tell it.

    id_number: as check_id_number returned it. Born on 29 February: a year older on 1 March.
    """
    born = _birth_date(id_number) if len(id_number) == 18 else None
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_name(text: str) -> str:
    """Return a name on one line, its spaces made single. Raises: BadInput, for one without letters too."""
    name = " ".join(clean(text).split())
    if not 2 <= len(name) <= _LONGEST_NAME or sum(map(str.isalpha, name)) < 2:
        raise BadInput(_("请填写真实姓名，2至100个字。"))
    return name


def checked_person(person: dict, *, today: date) -> tuple[dict[str, str], dict[str, str]]:
    """Return (what was typed in the form it is stored in, messages by field name).

    person: any of name, phone, id_type, id_number, email; empty ones are left out, and
    so is an id_type without its number.
    """
    id_type = person.get("id_type") or "id_card"
    checks = {
        "name": check_name,
        "phone": check_phone,
        "email": check_email,
        "id_number": lambda text: check_id_number(text, id_type, today=today),
    }
    good, wrong = {}, {}
    for field, check in checks.items():
        typed = person.get(field) or ""
        if not fold(typed):
            continue
        try:
            good[field] = check(typed)
        except BadInput as error:
            wrong[field] = str(error)
    if "id_number" in good:
        good["id_type"] = id_type
    return good, wrong


def mask(field: str, value: str) -> str:
    """Return one field of a person masked, as cases/acting.py keeps them.

    Raises: KeyError for any other, so that nothing new is shown by oversight.
    """
    return _MASKS[field](value)


def mask_name(name: str) -> str:
    """Return the first character and two stars: not even the length is told."""
    return name[:1] + "**" if name else ""


def mask_names(names: str) -> str:
    """Return several names joined by 、, each masked."""
    return "、".join(mask_name(name) for name in names.split("、"))


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden, such as 195****0000."""
    return _mask(phone, head=3, tail=4)


def mask_id(number: str) -> str:
    """Return an identity number of which only the first and last character show."""
    return _mask(number, head=1, tail=1)


def mask_email(address: str) -> str:
    """Return an e-mail address of which the first character and the domain show."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}***@{domain}" if domain else "*" * len(address)


def _mask(text: str, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    if hidden < 3:  # too short to show anything of it
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]


_MASKS = {
    "name": mask_name,
    "phone": mask_phone,
    "id_number": mask_id,
    "email": mask_email,
    "id_type": str,  # the kind of a document tells nothing of its holder
    "acting": str,
    "consent": str,
    "for_person": mask_name,
    "together": mask_names,
    "company": mask_name,
    "guardian": mask_name,
    "guardian_phone": mask_phone,
}
