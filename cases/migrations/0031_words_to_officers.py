import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

_STATUSES = [
    ("pending", "待发送"),
    ("sent", "已发送"),
    ("failed", "发送失败"),
    ("none", "无需发送"),
]


def _outgoing(**status):
    """Return the columns of a message to an officer."""
    return [
        (
            "status",
            models.CharField(choices=_STATUSES, max_length=8, verbose_name="状态", **status),
        ),
        ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="尝试次数")),
        ("next_at", models.DateTimeField(**_now(status))),
        ("sent_at", models.DateTimeField(null=True, verbose_name="发送时间")),
        ("error", models.CharField(blank=True, max_length=80, verbose_name="错误")),
    ]


def _now(status):
    return {"default": django.utils.timezone.now} if status else {}


class Migration(migrations.Migration):
    dependencies = [("cases", "0030_officers_of_sessions")]

    operations = [
        migrations.CreateModel(
            name="AccountNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                *_outgoing(),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("password", "密码已修改"),
                            ("temporary", "管理员设置了临时密码"),
                            ("unusable", "管理员停用了密码登录"),
                            ("bound", "绑定了动态口令设备"),
                            ("unbound", "解除了动态口令设备，备用码作废"),
                            ("codes", "重新生成了备用码，原来的作废"),
                            ("left", "电子邮箱已改，今后的邮件不再发到这里"),
                            ("came", "电子邮箱改为本邮箱"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("address", models.EmailField(blank=True, max_length=254)),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "账号变动通知",
                "verbose_name_plural": "账号变动通知",
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["next_at"],
                        name="account_pending",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="dutynotice",
            index=models.Index(
                condition=models.Q(("status", "failed")), fields=["officer"], name="duty_failed"
            ),
        ),
        migrations.AlterModelOptions(
            name="dutywarning",
            options={"verbose_name": "无人值班提醒", "verbose_name_plural": "无人值班提醒"},
        ),
        # Whoever has a row of before was warned.
        *[
            migrations.AddField(
                "dutywarning",
                name,
                field,
                preserve_default=name not in ("status", "next_at"),
            )
            for name, field in _outgoing(default="sent")
        ],
    ]
