from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self):
        """Register the system checks."""
        from config import checks, server_checks  # noqa: F401
