"""What a planner gives to start a simulation."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import policy as policies
from cases.policy import PolicyError
from simulation import scenario as scenarios
from simulation import sources
from simulation.reader import ScenarioError

MAX_SEED = 2**63 - 1
DEFAULT = "guangdong-2021"


class RunForm(forms.Form):
    """Scenario, size, seed, and what the run is called. A broken scenario is an error of the form."""

    scenario = forms.ChoiceField(label=_("情景"))
    letters = forms.IntegerField(
        label=_("来信数"),
        min_value=1,
        required=False,
        help_text=_(
            "留空即为情景的全部来信。少于全部时，警力按同样比例减少（向上取整），结果不与公布数字对照。"
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    seed = forms.IntegerField(
        label=_("随机种子"),
        min_value=0,
        max_value=MAX_SEED,
        initial=1,
        help_text=_("同一情景、来信数和种子，结果完全相同；换一个种子，看偶然因素有多大。"),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    name = forms.CharField(
        label=_("名称"), max_length=60, required=False, help_text=_("留空则用情景名和来信数。")
    )
    note = forms.CharField(
        label=_("备注"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    # The same page sent twice (double click, retry) starts one run.
    token = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages=dict.fromkeys(("required", "invalid"), _("页面不完整，请再提交一次。")),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["scenario"].choices = [(n, _described(n)) for n in sources.names()]
        self.fields["scenario"].initial = DEFAULT

    def clean(self):
        """Check that the scenario holds and has so many letters."""
        values = super().clean()
        name, letters = values.get("scenario"), values.get("letters")
        if not name:
            return values
        try:
            policies.load()
            full = scenarios.load(name).letters
        except (ScenarioError, PolicyError) as error:
            self.add_error("scenario", str(error))
            return values
        if letters and letters > full:
            self.add_error("letters", _("这个情景最多 %(full)s 封来信。") % {"full": f"{full:,}"})
        return values


def _described(name):
    """Return a scenario's name with its number of letters, if it can be read."""
    try:
        return _("%(name)s（全部 %(letters)s 封）") % {
            "name": name,
            "letters": f"{scenarios.load(name).letters:,}",
        }
    except ScenarioError:
        return name
