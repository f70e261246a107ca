"""Made-up writers for practice worlds: nobody can have such a name or number.

Names are those of judgments that name nobody (张某甲). Chinese local numbers never begin
with 0, so 0755-0000… rings nowhere; 20 surnames, 10 stems and 10,000 numbers are enough.
"""

from cases import identity

_SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
# Area codes of the cities, by the code of the city's bureau.
_AREA_CODES = {
    "440100": "020", "440200": "0751", "440300": "0755", "440400": "0756", "440500": "0754",
    "440600": "0757", "440700": "0750", "440800": "0759", "440900": "0668", "441200": "0758",
    "441300": "0752", "441400": "0753", "441500": "0660", "441600": "0762", "441700": "0662",
    "441800": "0763", "441900": "0769", "442000": "0760", "445100": "0768", "445200": "0663",
    "445300": "0766",
}  # fmt: skip


def person(writer_number, city):
    """Return the made-up person of a writer's number, always the same. city: its bureau's code."""
    surname = _SURNAMES[writer_number % len(_SURNAMES)]
    stem = _STEMS[writer_number // len(_SURNAMES) % len(_STEMS)]
    phone = f"{_AREA_CODES[city]}-0000{writer_number % 10_000:04d}"
    return {"name": f"{surname}某{stem}", "phone": identity.check_phone(phone)}
