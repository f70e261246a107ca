"""Showings of an identity are append-only like the event log, in each world, by the database itself."""

from django.db import migrations

# The function's words name the table, which is not the log alone now. A run that is sealed already
# has the log's triggers; the others get both when they are sealed (cases/worlds.py).
SQL = """
CREATE OR REPLACE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cases_disclosure
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON cases_disclosure
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

DO $$
DECLARE world text;
BEGIN
  FOR world IN
    SELECT n.nspname FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.tgname = 'append_only' AND c.relname = 'cases_event' AND n.nspname LIKE 'run\\_%'
  LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I.cases_disclosure
      FOR EACH ROW EXECUTE FUNCTION public.refuse_change()', world);
    EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I.cases_disclosure
      FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', world);
  END LOOP;
END $$;
"""

UNDO = """
DO $$
DECLARE kept regclass;
BEGIN
  FOR kept IN
    SELECT t.tgrelid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = 'append_only' AND c.relname = 'cases_disclosure'
  LOOP
    EXECUTE format('DROP TRIGGER append_only ON %s', kept);
    EXECUTE format('DROP TRIGGER never_emptied ON %s', kept);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0033_common_questions")]
    operations = [migrations.RunSQL(SQL, UNDO)]
