from django.core.management.base import BaseCommand

from mailbox.notices import send_notices


class Command(BaseCommand):
    help = "Send the notices that are due. Needs no Redis; safe to run beside the workers."

    def handle(self, *args, **options):
        """Run once over what is due."""
        self.stdout.write(f"{send_notices()} sent")
