-- How much space there is for WAL. The server's own user runs df in its data directory. When that fails, the
-- report has no finding about the disk. The table ends with the transaction.
DO $laterbase$
BEGIN
  CREATE TEMP TABLE laterbase_df (line text) ON COMMIT DROP;
  COPY pg_temp.laterbase_df FROM PROGRAM 'df -Pk pg_wal/ 2>/dev/null'
    WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
  PERFORM set_config('laterbase.free_kb', (SELECT substring(line FROM '\s\d+\s+\d+\s+(\d+)\s+\d+%')
    FROM pg_temp.laterbase_df WHERE line ~ '\d%' LIMIT 1), false);
EXCEPTION WHEN OTHERS THEN
  PERFORM set_config('laterbase.free_kb', '', false);
END
$laterbase$;
