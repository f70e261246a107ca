"""Numbers in the planner's templates."""

from django import template

from simulation import showing

register = template.Library()
register.filter("thousands", showing.number)
