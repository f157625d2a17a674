-- Notes beside the data which password each role was given last, as a hash of its verifier. Restored data hold an older
-- one, and a preview sees that. Names travel as hexadecimal digits, which a file of COPY takes as they are.
DO $laterbase$
DECLARE
  args  constant jsonb := current_setting('laterbase.args')::jsonb;
  own   constant text := encode(convert_to(args->'application'->>'role', 'UTF8'), 'hex');
  file  constant text := args->>'logins';
  noted jsonb := '{}';
BEGIN
  BEGIN
    noted := coalesce(pg_read_file(file, 0, 10000000, true), '{}')::jsonb;
  EXCEPTION WHEN data_exception THEN
    -- It was written half.
    noted := '{}';
  END;
  IF current_setting('laterbase.mode') = 'remove' THEN
    noted := noted - own;
  ELSE
    noted := noted || jsonb_build_object(own, encode(sha256(convert_to(args->>'verifier', 'UTF8')), 'hex'));
  END IF;
  EXECUTE format('COPY (SELECT %L) TO %L', noted, file);
END
$laterbase$;
