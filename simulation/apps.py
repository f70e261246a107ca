from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationConfig(AppConfig):
    """The simulator."""

    name = "simulation"
    verbose_name = _("模拟器")

    def ready(self):
        """Put the forecast among the links of the officers' desk."""
        from cases.desk import pages
        from simulation import forecasts

        pages.MORE_LINKS.append(("simulation:forecast", _("预测"), forecasts.may_see))
