-- Only our own value is undone. A value that others have set since then stays.
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  ours   jsonb;
  others int;
  mine   int;
  was    text;
  now_mb int;
  said   text;
BEGIN
  PERFORM set_config('laterbase.alter', '', false);
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' OR NOT coalesce(ours ? 'cap', false) THEN
    RETURN;
  END IF;
  mine := ours->'cap'->>'set';
  was := ours->'cap'->>'was';
  SELECT setting::int INTO now_mb FROM pg_settings WHERE name = 'max_slot_wal_keep_size';
  SELECT max(CASE WHEN o->'cap'->>'set' ~ '^[0-9]{1,9}$' THEN (o->'cap'->>'set')::int END) INTO others FROM (
    SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
                THEN shobj_description(oid, 'pg_authid')::jsonb END AS o
      FROM pg_roles WHERE rolname <> args->>'role') r WHERE o ? 'cap';

  IF now_mb <> greatest(mine, others) THEN
    said := format('max_slot_wal_keep_size was changed by others (now %s MB, Laterbase had set %s MB): it is left alone.', now_mb, mine);
  ELSIF others IS NOT NULL THEN
    said := format('max_slot_wal_keep_size stays at %s MB for another stack on this primary.', others);
    IF others <> now_mb THEN
      PERFORM set_config('laterbase.alter', format('%sMB', others), false);
    END IF;
  ELSE
    said := 'max_slot_wal_keep_size is as it was.';
    PERFORM set_config('laterbase.alter', coalesce(was, 'RESET'), false);
  END IF;
  PERFORM set_config('laterbase.said', said, false);
END
$laterbase$;
-- ALTER SYSTEM cannot run in a block.
SELECT current_setting('laterbase.alter') AS value, current_setting('laterbase.alter') NOT IN ('', 'RESET') AS is_set,
       current_setting('laterbase.alter') = 'RESET' AS is_reset \gset limit_
\if :limit_is_set
ALTER SYSTEM SET max_slot_wal_keep_size = :'limit_value';
\elif :limit_is_reset
ALTER SYSTEM RESET max_slot_wal_keep_size;
\endif
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  ours   jsonb;
BEGIN
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' = args->>'owner' AND ours ? 'cap' THEN
    EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', (ours - 'cap')::text);
  END IF;
END
$laterbase$;
