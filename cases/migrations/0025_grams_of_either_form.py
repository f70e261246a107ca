"""Grams are taken anew: Traditional and Simplified characters are one now (decision 23)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0024_public_answers")]

    # What is missing is filled in by the first search, a second a request (cases/gram_filling.py).
    operations = [
        migrations.RunSQL("TRUNCATE cases_lettergrams", migrations.RunSQL.noop),
    ]
