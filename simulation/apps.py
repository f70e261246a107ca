from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulationConfig(AppConfig):
    """The simulator."""

    name = "simulation"
    verbose_name = _("模拟器")

    def ready(self):
        """Put forecast and practice among the links of the officers' desk, and let practice go on."""
        from cases import practising
        from cases.desk.nav import LINKS, Link
        from simulation import practice_going

        LINKS.append(Link("simulation:forecast", _("预测"), often=False))
        LINKS.append(Link("practice:list", _("演练"), often=False))
        practising.COMING.append(practice_going.bring)
