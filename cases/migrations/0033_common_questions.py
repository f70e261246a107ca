import json
from pathlib import Path

from django.db import migrations, models

FILE = Path(__file__).parent.parent / "data" / "questions.json"


def write_the_first(apps, schema_editor):
    """Write the questions that the program came with until now; the admin has them from here on."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["questions"]
    model = apps.get_model("cases", "CommonQuestion")
    model.objects.bulk_create(model(**row, place=10 * n) for n, row in enumerate(rows, 1))


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0032_words_of_views'),
    ]

    operations = [
        migrations.CreateModel(
            name='CommonQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(help_text='用在网址里：英文、数字和连字符，例如 id-card。保存后不能再改。', max_length=40, unique=True, verbose_name='代号')),
                ('group', models.CharField(choices=[('mailbox', '这个信箱'), ('traffic', '交通管理'), ('household', '户政身份证'), ('exit_entry', '出入境'), ('public_order', '治安'), ('criminal', '刑事案件'), ('economic', '经济犯罪'), ('fraud', '电信网络诈骗'), ('cyber', '网络安全'), ('drugs', '禁毒'), ('noise', '噪音扰民'), ('missing', '寻人'), ('conduct', '执法与作风'), ('other', '其他')], max_length=16, verbose_name='分组')),
                ('question', models.CharField(max_length=100, verbose_name='问题')),
                ('answer', models.TextField(max_length=1000, verbose_name='回答')),
                ('question_en', models.CharField(blank=True, max_length=200, verbose_name='问题（英文）')),
                ('answer_en', models.TextField(blank=True, max_length=2000, verbose_name='回答（英文）')),
                ('signs', models.CharField(blank=True, help_text='来信里出现哪些词，就在寄出前提示这一条；用空格隔开。竖线前的词出现一个就够，竖线后的要出现两个。', max_length=300, verbose_name='提示词')),
                ('place', models.PositiveSmallIntegerField(default=100, help_text='同一组中，数小的在前。', verbose_name='顺序')),
                ('shown', models.BooleanField(default=True, verbose_name='显示')),
            ],
            options={
                'verbose_name': '常见问题',
                'verbose_name_plural': '常见问题',
                'ordering': ['place', 'pk'],
            },
        ),
        migrations.RunPython(write_the_first, migrations.RunPython.noop),
    ]
