import time

from django.core.management.base import BaseCommand, CommandError

from cases import crypto, rotating


class Command(BaseCommand):
    help = "Seal anew, under the first of IDENTITY_KEYS, what older keys have sealed."

    def add_arguments(self, parser):
        """Only count; or seal everything, also what the current key has sealed."""
        parser.add_argument("--dry-run", action="store_true", help="only count what each key holds")
        parser.add_argument("--all", action="store_true", help="what the first key sealed, too")

    def handle(self, *, dry_run, **options):
        """Show progress, and at the end which keys can go; exit 1 if one is missing or has rows left."""
        held, keys = rotating.held(), crypto.key_ids()
        self._tell(held, keys)
        if missing := sorted(set(held) - set(keys)):
            raise CommandError(
                f"IDENTITY_KEYS lacks {', '.join(missing)}: what it sealed stays shut"
            )
        if dry_run:
            return
        whole = sum(held.values()) if options["all"] else sum(held.values()) - held.get(keys[0], 0)
        done, began = 0, time.monotonic()
        for number in rotating.rotate(options["all"]):
            done += number
            rate = done / (time.monotonic() - began)
            left = f"{max(0, whole - done) / rate:.0f} s left" if rate else "…"
            self.stdout.write(f"{done:,} of {whole:,} sealed anew, {rate:,.0f}/s, {left}")
        self._tell(held := rotating.held(), keys)
        for key in keys[1:]:
            if not held.get(key):
                self.stdout.write(
                    f"{key} has sealed nothing any more: it can go from IDENTITY_KEYS"
                )
        if left := sum(held.get(key, 0) for key in keys[1:]):
            raise CommandError(
                f"{left:,} rows stay under older keys: run this again; what stays then cannot be opened"
            )

    def _tell(self, held, keys):
        for key in [*keys, *sorted(set(held) - set(keys))]:
            self.stdout.write(f"{key}: {held.get(key, 0):,} rows")
