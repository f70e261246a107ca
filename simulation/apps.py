from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationConfig(AppConfig):
    """The simulator."""

    name = "simulation"
    verbose_name = _("模拟器")
