from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_batches")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE cases_lettergrams ALTER COLUMN grams SET STATISTICS 1000",
            migrations.RunSQL.noop,
        )
    ]
