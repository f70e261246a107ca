"""Numbers, changes and units in the planner's templates."""

from django import template

from mailbox.wording import unit_name
from simulation import changing, showing

register = template.Library()
register.filter("thousands", showing.number)
register.filter("said", changing.said)
register.filter("unit_name", unit_name)
