"""The number that an error page gives its reader to quote."""

from django import template

from cases.request_number import number

register = template.Library()


@register.simple_tag
def request_number():
    """Return the number of the request that is being answered."""
    return number.get()
