from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailboxConfig(AppConfig):
    name = "mailbox"
    verbose_name = _("来信人页面与通知")

    def ready(self):
        """Show officers which notices of a letter did not arrive."""
        from cases.desk import case_page, undelivered
        from mailbox import notices

        case_page.MORE.append(("undelivered", notices.undelivered))
        undelivered.UNTOLD.append(notices.untold)
