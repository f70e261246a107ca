from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailboxConfig(AppConfig):
    name = "mailbox"
    verbose_name = _("来信人页面与通知")

    def ready(self):
        """Show officers which notices did not arrive."""
        from cases import undelivered
        from cases.desk import case_page
        from cases.desk import undelivered as pages
        from mailbox import missed

        case_page.MORE.append(("undelivered", missed.undelivered))
        pages.UNTOLD.append(missed.untold)
        undelivered.WRITERS.append((missed.counted, missed.again))
