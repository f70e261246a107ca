import time

from django.conf import settings
from django.core.management.base import BaseCommand

from cases import retention, worlds


class Command(BaseCommand):
    help = (
        "Erase who wrote letters that have ended for longer than RETENTION_YEARS, and what officers"
        " were told of their accounts more than a year ago."
    )

    def add_arguments(self, parser):
        """Only count, or do it."""
        parser.add_argument(
            "--dry-run", action="store_true", help="only count, by year and mailbox"
        )

    def handle(self, *, dry_run, **options):
        """Print what is due, by the year in which it ended and mailbox; then progress and a total."""
        at, whole = worlds.now(), 0
        for row in retention.counts(at):
            held = " (held: still needed)" if row["held"] else ""
            self.stdout.write(f"{row['year']} {row['mailbox_name']}: {row['n']:,}{held}")
            whole += 0 if row["held"] else row["n"]
        kept = (
            f"ended before {retention.ended_before(at):%Y-%m-%d} ({settings.RETENTION_YEARS} years)"
        )
        notices = retention.old_notices(at).count() if dry_run else retention.forget_notices(at)
        self.stdout.write(
            f"{notices:,} account notices{' would be' * dry_run} forgotten,"
            f" older than {retention.NOTICES_KEPT.days} days"
        )
        if dry_run:
            self.stdout.write(f"{whole:,} writers would be forgotten, of letters that {kept}")
            return
        began = time.monotonic()

        def told(done):
            rate = done / (time.monotonic() - began)
            left = f"{(whole - done) / rate:.0f} s left" if rate else "…"
            self.stderr.write(f"{done:,} of {whole:,}, {rate:,.0f}/s, {left}")

        done = retention.forget(at, told=told)
        self.stdout.write(f"{done:,} writers forgotten, of letters that {kept}")
