"""The token that each form carries, and on officers' pages beside it in which world the page was made."""

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html

from cases import worlds
from cases.desk import middleware

register = template.Library()


class _Token(CsrfTokenNode):
    def render(self, context):
        token, request = super().render(context), context.get("request")
        if not token or request is None or not middleware.is_inside(request.path_info):
            return token
        mark = '{}<input type="hidden" name="{}" value="{}">'
        return format_html(mark, token, middleware.FIELD, worlds.current().schema)


@register.tag
def csrf_token(parser, token):
    """Put Django's hidden field into a form, and the one that the world's middleware looks at."""
    return _Token()
