"""Runs of the simulator, and the pieces in which workers load them. Both are common to all worlds."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Run(models.Model):
    """One simulation: what was asked for, how far it is, and what came out."""

    WAITING, RUNNING, SEALING, DONE, FAILED, CANCELLED = (
        "waiting",
        "running",
        "sealing",
        "done",
        "failed",
        "cancelled",
    )
    STATUSES = (
        (WAITING, _("等待中")),
        (RUNNING, _("运行中")),
        (SEALING, _("整理中")),
        (DONE, _("已完成")),
        (FAILED, _("失败")),
        (CANCELLED, _("已取消")),
    )
    UNFINISHED = (WAITING, RUNNING, SEALING)

    name = models.CharField(_("名称"), max_length=60)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    scenario = models.CharField(_("情景"), max_length=200)
    # The scenario's whole text, and what was changed in it: what it played, whatever comes later.
    text = models.TextField(default="")
    changes = models.JSONField(_("改动"), default=dict)
    seed = models.PositiveBigIntegerField(_("随机种子"), default=1)
    letters = models.PositiveIntegerField(_("来信数"))
    status = models.CharField(_("状态"), max_length=10, choices=STATUSES, default=WAITING)
    error = models.TextField(_("错误"), blank=True)
    world = models.OneToOneField("cases.World", models.SET_NULL, null=True, related_name="run")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("建立时间"))
    started_at = models.DateTimeField(_("开始时间"), null=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    # Letters whose timeline is finished; the shards say which are loaded.
    simulated = models.PositiveIntegerField(default=0)
    # How often a worker began its engine, or then its sealing; like the other rows' attempts.
    attempts = models.PositiveSmallIntegerField(default=0)
    # Set once the engine has cut its last shard.
    shards = models.PositiveIntegerField(null=True)
    # What the engine measured at its stations; for the report.
    stations = models.JSONField(default=dict)
    # How busy they were, by hour of the week (simulation/pictures.py).
    hours = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("模拟运行")
        verbose_name_plural = _("模拟运行")
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @property
    def unfinished(self):
        """Whether workers may still have something to do for this run."""
        return self.status in self.UNFINISHED


class Shard(models.Model):
    """Finished timelines of some consecutive letters, to be loaded by any worker, once."""

    READY, LOADED, FAILED = "ready", "loaded", "failed"
    STATUSES = ((READY, _("待载入")), (LOADED, _("已载入")), (FAILED, _("失败")))

    run = models.ForeignKey(Run, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=STATUSES, default=READY)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    letters = models.PositiveIntegerField()
    # Compressed timelines; emptied once they are loaded.
    payload = models.BinaryField()
    events = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    tally = models.BinaryField(default=b"")
    sent_at = models.DateTimeField(null=True)
    # Host and process that loaded it.
    worker = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="shard_once")]


class Study(models.Model):
    """A question that is answered by replications: some arms of one scenario, each with seeds."""

    WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
    STATUSES = (
        (WAITING, _("等待中")),
        (RUNNING, _("运行中")),
        (DONE, _("已完成")),
        (FAILED, _("失败")),
        (CANCELLED, _("已取消")),
    )
    KINDS = (
        ("intervals", _("区间")),
        ("what-if", _("假设比较")),
        ("staff", _("人员测算")),
        ("forecast", _("预测")),
        ("calibrate", _("校准")),
    )

    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("用途"), max_length=10, choices=KINDS)
    scenario = models.CharField(_("情景"), max_length=200)
    text = models.TextField()  # the scenario's whole text, to which the arms' changes are applied
    spec = models.JSONField(default=dict)
    status = models.CharField(_("状态"), max_length=10, choices=STATUSES, default=WAITING)
    error = models.TextField(_("错误"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("建立时间"))
    started_at = models.DateTimeField(_("开始时间"), null=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("研究")
        verbose_name_plural = _("研究")
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @property
    def unfinished(self):
        """Whether workers may still have something to do for this study."""
        return self.status in (self.WAITING, self.RUNNING)


class Replication(models.Model):
    """One play of an arm of a study, by any worker, once; `values` is what came out."""

    WAITING, DONE, FAILED = "waiting", "done", "failed"
    STATUSES = ((WAITING, _("待运行")), (DONE, _("已完成")), (FAILED, _("失败")))

    study = models.ForeignKey(Study, models.CASCADE, related_name="replications")
    arm = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    changes = models.JSONField(default=dict)
    status = models.CharField(max_length=8, choices=STATUSES, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    values = models.JSONField(default=dict)
    worker = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "arm", "number"], name="replication_once")
        ]


class SavedScenario(models.Model):
    """A scenario that a planner saved: its whole TOML text under a name."""

    name = models.SlugField(_("名称"), max_length=60, unique=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    text = models.TextField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("建立时间"))

    class Meta:
        verbose_name = _("保存的情景")
        verbose_name_plural = _("保存的情景")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Practice(models.Model):
    """A world for one officer to practise in: what was asked for, and what is still to come in it."""

    WAITING, READY, FAILED = "waiting", "ready", "failed"
    STATUSES = ((WAITING, _("准备中")), (READY, _("可以进入")), (FAILED, _("没有做成")))

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    unit = models.ForeignKey("cases.Unit", models.PROTECT, related_name="+")
    stands_at = models.DateTimeField()
    letters = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    world = models.OneToOneField("cases.World", models.SET_NULL, null=True, related_name="practice")
    status = models.CharField(max_length=8, choices=STATUSES, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField()
    created_at = models.DateTimeField()
    # The letters that come after stands_at, and what others will do (simulation/practice_going.py).
    coming = models.JSONField(default=dict)
