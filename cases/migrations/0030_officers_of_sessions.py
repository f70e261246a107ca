import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The table was made by Django's own app, which is not installed any more: where it is there,
# whoever has signed in stays so.
SQL = """
CREATE TABLE IF NOT EXISTS django_session (
    session_key varchar(40) NOT NULL PRIMARY KEY,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS django_session_expire_date_a5c62663 ON django_session (expire_date);
ALTER TABLE django_session ADD COLUMN officer_id bigint NULL;
CREATE INDEX django_session_officer_id ON django_session (officer_id);
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0029_troubles")]

    operations = [
        migrations.RunSQL(
            SQL,
            "ALTER TABLE django_session DROP COLUMN officer_id;",
            state_operations=[
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "session_key",
                            models.CharField(
                                max_length=40,
                                primary_key=True,
                                serialize=False,
                                verbose_name="session key",
                            ),
                        ),
                        ("session_data", models.TextField(verbose_name="session data")),
                        (
                            "expire_date",
                            models.DateTimeField(db_index=True, verbose_name="expire date"),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                db_constraint=False,
                                null=True,
                                on_delete=django.db.models.deletion.DO_NOTHING,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "登录",
                        "verbose_name_plural": "登录",
                        "db_table": "django_session",
                        "abstract": False,
                    },
                ),
            ],
        )
    ]
