"""The event log is append-only and chained, by the database itself."""

from django.db import migrations

SQL = """
CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the event log is append-only: % on %.% refused',
    TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME;
END $$;

CREATE FUNCTION public.chain_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE previous bytea;
BEGIN
  EXECUTE format('SELECT hash FROM %I.%I WHERE case_id = $1 AND seq = $2',
                 TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO previous USING NEW.case_id, NEW.seq - 1;
  IF previous IS NULL AND NEW.seq > 1 THEN
    RAISE EXCEPTION 'event % of case % has no predecessor', NEW.seq, NEW.case_id;
  END IF;
  -- cases/log.py computes the same.
  NEW.hash := sha256(coalesce(previous, ''::bytea) || convert_to(concat_ws('|',
    NEW.case_id, NEW.seq, (extract(epoch from NEW.at) * 1000000)::bigint, NEW.action,
    NEW.old_state, NEW.new_state, NEW.role, coalesce(NEW.user_id::text, ''), NEW.unit_id,
    coalesce((extract(epoch from NEW.due_at) * 1000000)::bigint::text, ''), NEW.data::text),
    'UTF8'));
  RETURN NEW;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cases_event
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON cases_event
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER chain BEFORE INSERT ON cases_event
  FOR EACH ROW EXECUTE FUNCTION public.chain_event();
"""

UNDO = """
DROP TRIGGER chain ON cases_event;
DROP TRIGGER never_emptied ON cases_event;
DROP TRIGGER append_only ON cases_event;
DROP FUNCTION public.chain_event();
DROP FUNCTION public.refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
