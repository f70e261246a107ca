from urllib.parse import parse_qsl, urlencode

from django.db import migrations, models


def take_words_out(apps, schema_editor):
    """Move the words of each view from its address, where they no longer stand, into their column."""
    for view in apps.get_model("cases", "SavedView").objects.filter(address__contains="q="):
        values = dict(parse_qsl(view.address[1:]))
        view.words = values.pop("q", "")[:60]
        view.address = "?" + urlencode(values)
        view.save(update_fields=["words", "address"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0031_words_to_officers")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="words",
            field=models.CharField(blank=True, max_length=60, verbose_name="查找的词"),
        ),
        migrations.RunPython(take_words_out, migrations.RunPython.noop),
    ]
