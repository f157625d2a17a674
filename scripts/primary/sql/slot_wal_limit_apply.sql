-- The slot WAL limit. The original value is recorded before anything is changed, and only
-- once: a second run keeps it. When several stacks limit one server, the largest limit wins, and each stack
-- records the same original. The record's key is `cap`: a format that earlier versions wrote.
DO $laterbase$
DECLARE
  args    constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted  constant int := ceil(pg_size_bytes(args->>'size') / 1048576.0);
  ours  jsonb;
  others  int;
  theirs  jsonb;
  held    int;
  chosen  int;
  now_    record;
  in_file text;
  was     jsonb;
  said    text;
BEGIN
  SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
              THEN shobj_description(oid, 'pg_authid')::jsonb END
    INTO ours FROM pg_roles WHERE rolname = args->>'role';
  IF ours->>'owner' IS DISTINCT FROM args->>'owner' THEN
    RAISE EXCEPTION 'Role "%" with the record of % is not on the primary: the role step comes first.',
      args->>'role', args->>'owner';
  END IF;
  SELECT setting::int AS mb, source INTO now_ FROM pg_settings WHERE name = 'max_slot_wal_keep_size';
  SELECT setting INTO in_file FROM pg_file_settings
    WHERE name = 'max_slot_wal_keep_size' AND sourcefile LIKE '%postgresql.auto.conf'
    ORDER BY seqno DESC LIMIT 1;
  SELECT max(CASE WHEN o->'cap'->>'set' ~ '^[0-9]{1,9}$' THEN (o->'cap'->>'set')::int END), max((o->'cap')::text)::jsonb INTO others, theirs FROM (
    SELECT CASE WHEN shobj_description(oid, 'pg_authid') ~ current_setting('laterbase.record')
                THEN shobj_description(oid, 'pg_authid')::jsonb END AS o
      FROM pg_roles WHERE rolname <> args->>'role') r WHERE o ? 'cap';
  SELECT coalesce(max(ceil(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) / 1048576.0)), 0)
    INTO held FROM pg_replication_slots
    WHERE restart_lsn IS NOT NULL AND wal_status IS DISTINCT FROM 'lost'
      AND NOT coalesce(ours->'slots' ? slot_name::text, false);

  chosen := CASE WHEN held > wanted THEN 2 * held ELSE wanted END;
  -- A limit that was raised once stays, or every run would choose another number.
  IF (ours->'cap'->>'wanted')::int = wanted AND (ours->'cap'->>'set')::int >= held THEN
    chosen := (ours->'cap'->>'set')::int;
  END IF;
  was := CASE
    WHEN ours ? 'cap' THEN ours->'cap'->'was'
    WHEN theirs IS NOT NULL THEN theirs->'was'
    -- Somebody removed the record, and the server still has what we had set.
    WHEN current_setting('laterbase.mode') = 'repair' AND now_.mb = chosen THEN 'null'
    ELSE coalesce(to_jsonb(in_file), 'null') END;

  said := format('max_slot_wal_keep_size is %s MB', greatest(chosen, others));
  IF chosen > wanted THEN
    said := said || format(', not %s: another slot already keeps %s MB of WAL', args->>'size', held);
  ELSIF others > chosen THEN
    said := said || ', as another stack on this primary asks';
  END IF;
  PERFORM set_config('laterbase.said', said || '.', false);
  PERFORM set_config('laterbase.alter', '', false);
  ours := ours || jsonb_build_object(
    'cap', jsonb_build_object('was', was, 'wanted', wanted, 'set', chosen));
  chosen := greatest(chosen, others);
  IF now_.mb <> chosen THEN
    IF now_.source = 'command line' THEN
      RAISE EXCEPTION 'max_slot_wal_keep_size is given on the primary''s command line (% MB), so it cannot be set to % MB: remove it there.',
        now_.mb, chosen;
    END IF;
    PERFORM set_config('laterbase.alter',
      format('%sMB', chosen), false);
  END IF;
  EXECUTE format('COMMENT ON ROLE %I IS %L', args->>'role', ours::text);
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
