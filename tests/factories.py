"""factory_boy factories: made-up people, submissions and letters, each different from the last.

Texts come from the simulator's generator. A letter is kept by intake, as any letter is, so
that it always has its case and its first event.
"""

from datetime import date, timedelta

import factory

from cases import actors, fields, identity
from cases.intake import Submission, intake
from cases.models import Letter
from simulation import texts
from tests.people import MORNING

_FAMILY_NAMES = "甲乙丙丁戊己庚辛壬癸"


def id_card(number):
    """Return a well-formed identity number that nobody has: region 440000 is given to no one."""
    born = date(1960, 1, 1) + timedelta(days=number // 1000)
    digits = f"440000{born:%Y%m%d}{number % 1000:03d}"
    weighed = sum(int(d) * w for d, w in zip(digits, identity._WEIGHTS, strict=True))
    return digits + identity._CHECK_DIGITS[weighed % 11]


class PersonFactory(factory.DictFactory):
    """A writer's particulars. Numbers that begin with 154 are given to no telephone."""

    class Params:
        number = factory.Sequence(int)

    name = factory.LazyAttribute(lambda o: f"测试{_FAMILY_NAMES[o.number % 10]}")
    phone = factory.LazyAttribute(lambda o: f"154{o.number:08d}")
    id_type = "id_card"
    id_number = factory.LazyAttribute(lambda o: id_card(o.number))
    email = factory.LazyAttribute(lambda o: f"writer{o.number}@example.com")


class SubmissionFactory(factory.Factory):
    """A letter as typed; kind, category, mailbox and district may be given, texts follow them."""

    class Meta:
        model = Submission
        exclude = ("number", "district", "written")

    number = factory.Sequence(int)
    district = "440304"
    kind = factory.Iterator([code for code, _label in fields.KINDS])
    category = factory.Iterator([code for code, _label in fields.CATEGORIES])
    mailbox = factory.LazyAttribute(lambda o: o.district[:4] + "00")
    written = factory.LazyAttribute(
        lambda o: [
            column[0]
            for column in texts.compose(
                0, [o.number], [o.kind], [o.category], [o.district[:4] + "00"], [o.district]
            )
        ]
    )
    title = factory.LazyAttribute(lambda o: o.written[0])
    body = factory.LazyAttribute(lambda o: o.written[1])
    place = factory.LazyAttribute(lambda o: o.written[2])
    person = factory.SubFactory(PersonFactory)


class LetterFactory(SubmissionFactory):
    """A letter kept by intake at `at` (default: tests.people.MORNING); its case is letter.case."""

    @classmethod
    def _create(cls, model_class, *args, at=MORNING, **kwargs):
        receipt = intake(model_class(**kwargs), actor=actors.citizen(None), at=at)
        return Letter.objects.get(pk=receipt.case_id)
