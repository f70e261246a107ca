from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0007_sent_notices")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "待发送"),
                    ("sent", "已发送"),
                    ("failed", "发送失败"),
                    ("none", "无需发送"),
                ],
                max_length=8,
                verbose_name="状态",
            ),
        )
    ]
