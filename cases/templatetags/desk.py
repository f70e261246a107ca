"""What templates of the desk and the admin ask for."""

from django import template
from django.conf import settings

from cases import practising, second_factor, worlds
from cases.characters import language_of
from cases.desk import nav

register = template.Library()


@register.simple_tag
def current_world():
    """Return the world in which this page is made, or None among live letters."""
    world = worlds.current()
    return None if world.live else world


@register.simple_tag
def clock_steps():
    """Return (code, label) of the ways in which a practice world's clock is moved on."""
    return [(code, label) for code, (label, _step) in practising.STEPS.items()]


@register.simple_tag
def wants_second_factor():
    """Return whether officers give a one-time password, so that they are led to its page."""
    return second_factor.is_required()


@register.simple_tag
def session_minutes():
    """Return how many minutes an officer may do nothing and stay signed in."""
    return settings.SESSION_IDLE_MINUTES


@register.simple_tag
def managed_at_the_desk(user):
    """Return the desk's links to what is managed there, which the admin leads to: those that open."""
    return nav.among(user, ("desk:duty", "desk:policy", "desk:hand-over"))


@register.filter
def thousands(number):
    """Return a whole number as text, with thousands marked."""
    return f"{number:,}"


@register.filter
def written(text):
    """Return the language of a text that a citizen wrote, for the attribute lang."""
    return language_of(text) or "zh"


@register.filter
def own_name(code):
    """Return a language by the name it gives itself."""
    return dict(settings.LANGUAGES).get(code, code)
