-- A slot that lost its WAL never recovers, so it is dropped and created again.
DO $laterbase$
DECLARE
  args constant jsonb := current_setting('laterbase.args')::jsonb;
  want constant text := args->>'slot';
  have record;
  make boolean;
  said text := format('Slot "%s" is in place.', want);
BEGIN
  SELECT * INTO have FROM pg_replication_slots WHERE slot_name = want;
  make := NOT FOUND;
  IF make THEN
    said := format('Slot "%s" is created.', want);
  ELSIF have.slot_type <> 'physical' THEN
    RAISE EXCEPTION 'Slot "%" on the primary is a % slot, not a physical one: it is left alone.', want, have.slot_type;
  ELSIF have.wal_status = 'lost' OR have.restart_lsn IS NULL THEN
    PERFORM pg_terminate_backend(have.active_pid) WHERE have.active_pid IS NOT NULL;
    FOR try IN 1..50 LOOP
      EXIT WHEN NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = want AND active);
      PERFORM pg_sleep(0.1);
    END LOOP;
    PERFORM pg_drop_replication_slot(want);
    make := true;
    said := format('Slot "%s" had lost its WAL: it is created again, and the standby must be cloned again.', want);
  END IF;
  IF make THEN
    PERFORM pg_create_physical_replication_slot(want, true);
  END IF;
  PERFORM set_config('laterbase.said', said, false);
END
$laterbase$;
