"""What a planner changes in a scenario: the names of changing.py, with their values as they are."""

import difflib
from uuid import uuid4

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import fields as domain
from simulation import changing, sources, studies
from simulation import scenario as scenarios
from simulation.models import SavedScenario
from simulation.named import mailboxes
from simulation.reader import MOST_OFFICERS, ScenarioError

DEADLINE = "deadline."
_DAYS = gettext_lazy("天")
# (name in changing.py, label, unit)
FIELDS = (
    ("volume", gettext_lazy("来信数"), gettext_lazy("封，警力不变")),
    ("desk.staff", gettext_lazy("厅专班"), gettext_lazy("人，日夜班合计")),
    ("duty.staff", gettext_lazy("各单位值班"), gettext_lazy("人，日夜班合计，填倍数或百分比")),
    ("handlers.staff", gettext_lazy("各单位承办"), gettext_lazy("人，填倍数或百分比")),
    ("review.staff", gettext_lazy("各市审核"), gettext_lazy("人，填倍数或百分比")),
    ("wrong_dispatch", gettext_lazy("交办错误"), gettext_lazy("至少退回一次的比例，0 至 1")),
    ("duplicates", gettext_lazy("重复来信"), gettext_lazy("同一事项再次来信的比例，0 至 1")),
    (
        "duplicates_caught",
        gettext_lazy("查重"),
        gettext_lazy("受理时查出重复来信的比例，0 至 1"),
    ),
    *(
        (f"{DEADLINE}reply.{kind}", format_lazy("{} · {}", gettext_lazy("答复期限"), label), _DAYS)
        for kind, label in domain.KINDS
        if kind in ("consult", "help", "complaint", "report")
    ),
)
OF_CITY = (
    ("desk", gettext_lazy("市专班"), gettext_lazy("人，日夜班合计")),
    ("handlers", gettext_lazy("每个单位承办"), gettext_lazy("人")),
    ("review", gettext_lazy("市审核"), gettext_lazy("人")),
)
# They differ from unit to unit: only a factor or a share says what each gets.
SUMS = ("duty.staff", "handlers.staff", "review.staff")
SHARES = ("wrong_dispatch", "duplicates", "duplicates_caught")
HOW = gettext_lazy("留空即不变。可填新值（12）、倍数（2x）或增减（+10%、-20%、+3）。")


class WhatIfForm(forms.Form):
    """Changes to one scenario, how often each side is played, and a name to save it under."""

    city = forms.ChoiceField(label=gettext_lazy("只改一个市"), required=False)
    others = forms.CharField(
        label=gettext_lazy("其他改动"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("每行一项，名称=值，名称同情景文件，如 chances.ask_citizen=0.1"),
    )
    replications = forms.IntegerField(
        label=gettext_lazy("每边运行次数"),
        initial=10,
        validators=[MinValueValidator(2), MaxValueValidator(200)],
        help_text=gettext_lazy("次数越多，区间越窄。两边用同一组随机数，差别只来自改动。"),
    )
    name = forms.SlugField(
        label=gettext_lazy("存为情景"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("只在保存时填：小写字母、数字和连字符，如 more-handlers"),
    )
    token = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("页面不完整，请再提交一次。")
        ),
    )

    def __init__(self, scenario, *args, **kwargs):
        """scenario: its name. Raises: ScenarioError if it can't be loaded."""
        super().__init__(*args, **kwargs)
        self.scenario, self.text = scenario, sources.source(scenario)
        scenarios.parse(self.text, scenario)
        tree = sources.tree(self.text, scenario)
        codes = [city["code"] for city in tree["city"]]
        named = mailboxes()
        self.fields["city"].choices = [
            ("", "—"),
            *((code, named[code]) for code in named if code in codes),
        ]
        for name, label, unit in FIELDS:
            self.fields[key(name)] = _field(label, unit, _now(tree, name))
        for group, label, unit in OF_CITY:
            self.fields[f"city_{group}"] = _field(label, unit)

    def general(self):
        """Return the bound fields of the whole province, in order."""
        return [self[key(name)] for name, *_words in FIELDS if not name.startswith(DEADLINE)]

    def deadlines(self):
        """Return the bound fields of due times, in order."""
        return [self[key(name)] for name, *_words in FIELDS if name.startswith(DEADLINE)]

    def of_city(self):
        """Return the bound fields of the one city, in order."""
        return [self["city"], *(self[f"city_{group}"] for group, _label, _unit in OF_CITY)]

    def clean(self):
        """Gather the changes and try them one by one; each that does not fit is told at its field."""
        values, self.changes = super().clean(), {}
        for name, _label, _unit in FIELDS:
            self._take(key(name), name, values.get(key(name)))
        for group, _label, _unit in OF_CITY:
            value, city = values.get(f"city_{group}"), values.get("city")
            if value and not city:
                self.add_error("city", _("请选一个市。"))
            elif value:
                self._take(f"city_{group}", f"{group}.{city}.staff", value)
        for number, line in enumerate((values.get("others") or "").splitlines(), start=1):
            if line.strip():
                self._take_line(number, line)
        if not self.errors and not self.changes:
            self.add_error(None, _("还没有改动。改一项再开始。"))
        return values

    def clean_name(self):
        """Check that the name to save under is free."""
        name = self.cleaned_data["name"]
        if name and (name in sources.published_names() or _saved(name)):
            raise forms.ValidationError(_("已经有叫“%(name)s”的情景。") % {"name": name})
        return name

    def _take(self, field, name, value):
        if not value:
            return
        if name in SUMS and not value.endswith(("x", "%")):
            self.add_error(
                field, _("各单位人数不同，请填倍数（2x）或百分比（+10%）；只改一个市请用下面一栏。")
            )
        elif self._fits({name: value}):
            self.changes[name] = value
        else:
            self.add_error(field, _refused(name, value))

    def _take_line(self, number, line):
        name, _equals, value = (part.strip() for part in line.partition("="))
        known = changing.known(sources.tree(self.text, self.scenario))
        if name not in known:
            near = ", ".join(difflib.get_close_matches(name, known, n=3)) or "–"
            told = {"number": number, "name": name, "near": near}
            self.add_error(
                "others", _("第 %(number)s 行：没有“%(name)s”这个名称。相近的有：%(near)s") % told
            )
        elif name in self.changes:
            told = {"number": number, "name": name}
            self.add_error("others", _("第 %(number)s 行：“%(name)s”已经填过，只能填一次。") % told)
        elif not value or not self._fits({name: value}):
            told = {"number": number, "refused": _refused(name, value)}
            self.add_error("others", _("第 %(number)s 行：%(refused)s") % told)
        else:
            self.changes[name] = value

    def _fits(self, changes):
        try:
            studies.check(self.text, self.scenario, {**self.changes, **changes})
        except ScenarioError:
            return False
        return True


def _refused(name, value):
    """Return why a value does not fit, in the words of its field."""
    if name.endswith(".staff"):
        how = _("每个岗位白天至少一人，最多 %(most)s 人。") % {"most": f"{MOST_OFFICERS:,}"}
    elif name == "volume":
        how = _("至少 1 封，最多 %(most)s 封。") % {"most": f"{studies.MOST_LETTERS:,}"}
    elif name in SHARES:
        how = _("比例在 0 至 1 之间；重复来信不能多于再次来信。")
    else:
        how = HOW
    return _("“%(value)s”不能用在这里。%(how)s") % {"value": value, "how": how}


def key(name):
    """Return the name of the form's field for a name of changing.py."""
    return name.replace(".", "_")


def _saved(name):
    return SavedScenario.objects.filter(name=name).exists()


def _now(tree, name):
    """Return what stands at a name now, as text; of many units from the fewest to the most."""
    if name not in SUMS:
        return f"{changing.current(tree, name):,}"
    values = [table[key_] for table, key_ in changing.places(tree, name)]
    staff = [sum(value) if isinstance(value, list) else value for value in values]
    return f"{min(staff)} – {max(staff)}"


def _field(label, unit, now=""):
    return forms.CharField(
        label=label,
        required=False,
        max_length=20,
        help_text=unit,
        widget=forms.TextInput(attrs={"placeholder": now, "autocomplete": "off"}),
    )
