from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = _("信件办理")

    def ready(self):
        """Keep domain tables out of `public` after every migration; tell open pages of duty."""
        from cases import worlds
        from cases.desk import counts, duty_pages, leading, sessions, undelivered

        counts.MORE.append(("duty", duty_pages.live))
        counts.MORE.append(("reports", leading.live))
        counts.MORE.append(("undelivered", undelivered.live))
        user_logged_in.connect(sessions.begin, dispatch_uid="session_begins")
        post_migrate.connect(worlds.move_live_tables, dispatch_uid="move_live_tables")
