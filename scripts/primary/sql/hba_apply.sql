DO $laterbase$
DECLARE
  args  constant jsonb := current_setting('laterbase.args')::jsonb;
  file  constant text := current_setting('hba_file');
  block constant bytea := convert_to(args->>'block', 'UTF8');
  ident constant bytea := convert_to(coalesce(args->>'identBlock', ''), 'UTF8');
  old   constant bytea := pg_read_binary_file(file);
  rest  constant bytea := pg_temp.laterbase_without(
    pg_temp.laterbase_without(old, args->>'first', args->>'last'), args->>'formerFirst', args->>'formerLast');
  wrong text;
  why   text;
BEGIN
  PERFORM set_config('laterbase.said', 'The pg_hba.conf entry is in place.', false);
  SELECT string_agg(format('line %s: %s', line_number, error), '; ') INTO wrong
    FROM pg_hba_file_rules WHERE error IS NOT NULL;
  IF rest = old THEN
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'The primary''s pg_hba.conf has a mistake that Laterbase did not make, so a reload would fail: % (%). Correct it first; nothing was changed.', wrong, file;
    ELSIF pg_temp.laterbase_rules(args) THEN
      PERFORM pg_temp.laterbase_identify(args, ident);
      PERFORM set_config('laterbase.said', 'The pg_hba.conf entry is there already, written by hand.', false);
      RETURN;
    END IF;
  END IF;
  -- First the map, because a line of pg_hba.conf names it.
  PERFORM pg_temp.laterbase_identify(args, ident);
  IF block || rest = old AND wrong IS NULL AND pg_temp.laterbase_rules(args) THEN
    RETURN;
  END IF;

  why := pg_temp.laterbase_write(file, block || rest);
  IF why IS NULL THEN
    SELECT string_agg(format('line %s: %s', line_number, error), '; ') INTO wrong
      FROM pg_hba_file_rules WHERE error IS NOT NULL;
    IF wrong IS NULL AND pg_temp.laterbase_rules(args) THEN
      PERFORM set_config('laterbase.said', 'The pg_hba.conf entry is written.', false);
      RETURN;
    END IF;
    PERFORM pg_temp.laterbase_write(file, old);
    RAISE EXCEPTION 'The primary''s pg_hba.conf would not work with Laterbase''s entry, so it was left unchanged: %', coalesce(wrong, 'the server does not find the entry in it');
  END IF;
  IF pg_read_binary_file(file) <> old THEN
    PERFORM pg_temp.laterbase_write(file, old);
  END IF;
  RAISE EXCEPTION E'The primary''s % cannot be written (%): put these lines at its top and run this again.\n%', file, why, rtrim(args->>'block', E'\n');
END
$laterbase$;
