from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0005_notices_of_requests")]

    operations = [
        migrations.RenameField("phonecheck", "phone_index", "phone_indexes"),
        migrations.AlterField("phonecheck", "phone_indexes", models.TextField()),
    ]
