from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_letters_of_platforms")]

    operations = [
        migrations.RemoveIndex("lettergrams", "letter_grams"),
        migrations.AddIndex(
            "lettergrams",
            GinIndex(fields=["grams"], gin_pending_list_limit=64, name="letter_grams"),
        ),
        migrations.AddIndex(
            "event",
            models.Index(
                models.F("data__into"), name="event_into", condition=models.Q(action="merge")
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE cases_lettergrams ALTER COLUMN grams SET STATISTICS 1000",
            migrations.RunSQL.noop,
        ),
    ]
