from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """What is kept between two requests of a browser, and whose it is once an officer has signed in.

    In the table of Django's own sessions, with one column more; see cases/session_store.py.
    """

    # No constraint: a session outlives nobody, and is written at moments when locks would hurt.
    officer = models.ForeignKey(
        "cases.Officer", models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )

    class Meta:
        db_table = "django_session"
        verbose_name = _("登录")
        verbose_name_plural = _("登录")

    @classmethod
    def get_session_store_class(cls):
        """Return what reads and writes these rows."""
        from cases.session_store import SessionStore

        return SessionStore
