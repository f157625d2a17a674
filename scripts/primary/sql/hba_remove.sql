-- Removes our block and nothing else. The lines around it stay, even wrong ones.
DO $laterbase$
DECLARE
  args constant jsonb := current_setting('laterbase.args')::jsonb;
  file constant text := current_setting('hba_file');
  old  constant bytea := pg_read_binary_file(file);
  rest constant bytea := pg_temp.laterbase_without(
    pg_temp.laterbase_without(old, args->>'first', args->>'last'), args->>'formerFirst', args->>'formerLast');
  before int;
  why  text;
BEGIN
  PERFORM pg_temp.laterbase_identify(args, ''::bytea);
  IF rest = old THEN
    PERFORM set_config('laterbase.said',
      CASE WHEN args ? 'sweep' THEN '' ELSE 'pg_hba.conf has no block of Laterbase.' END, false);
    RETURN;
  END IF;
  SELECT count(*) INTO before FROM pg_hba_file_rules WHERE error IS NOT NULL;
  why := pg_temp.laterbase_write(file, rest);
  IF why IS NOT NULL THEN
    IF pg_read_binary_file(file) <> old THEN
      PERFORM pg_temp.laterbase_write(file, old);
    END IF;
    RAISE EXCEPTION 'The primary''s % cannot be written (%): remove the block from "%" to "%" by hand and run this again.',
      file, why, args->>'first', args->>'last';
  END IF;
  IF (SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL) > before THEN
    PERFORM pg_temp.laterbase_write(file, old);
    RAISE EXCEPTION 'The primary''s % would have a mistake without Laterbase''s block, so it was left unchanged.', file;
  END IF;
  PERFORM set_config('laterbase.said', 'Laterbase''s block is removed from pg_hba.conf.', false);
END
$laterbase$;
