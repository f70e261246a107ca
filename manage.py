#!/usr/bin/env python3
"""Django's command line; starts the embedded servers where none are configured."""

import os
import sys

from config import services


def main():
    """Run one management command with the database and the broker it needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    with services.running():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
