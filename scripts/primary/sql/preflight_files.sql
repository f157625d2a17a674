-- What in the data directory ends a base backup: `u` what the server's own user cannot read, such as a
-- lost+found, and `s` files of others among those that have checksums, such as a .DS_Store. The server's own
-- user looks. When that fails, the report has no finding about files. The table ends with the transaction.
DO $laterbase$
BEGIN
  CREATE TEMP TABLE laterbase_files (line text) ON COMMIT DROP;
  COPY pg_temp.laterbase_files FROM PROGRAM $sh$
    LC_ALL=C
    export LC_ALL
    {
      # A base backup leaves out the contents of these folders and these files.
      find . \( -path ./pg_wal -o -path ./pg_stat_tmp -o -path ./pg_replslot -o -path ./pg_dynshmem -o -path ./pg_notify \
        -o -path ./pg_serial -o -path ./pg_snapshots -o -path ./pg_subtrans -o -path './base/[0-9]*' -o -name 'pgsql_tmp*' \
        -o -name postmaster.pid -o -name postmaster.opts \) -prune -o \( -type f -o -type d \) -print |
        while IFS= read -r f; do
          if [ ! -e "$f" ]; then continue; fi
          if [ -r "$f" ] && { [ ! -d "$f" ] || [ -x "$f" ]; }; then continue; fi
          printf 'u %s\n' "$f"
        done
      find ./base ./global -type f ! -name '[0-9]*' ! -name 't[0-9]*' ! -name pg_filenode.map ! -name PG_VERSION \
        ! -name 'pg_internal.init*' ! -name pg_control ! -name 'pgsql_tmp*' |
        while IFS= read -r f; do
          if [ -r "$f" ]; then printf 's %s\n' "$f"; else printf 'u %s\n' "$f"; fi
        done
    } 2>/dev/null | sort -u | head -n 100 | tr -c '[:print:]\n' '?'
    exit 0
    $sh$ WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
  PERFORM set_config('laterbase.files', (SELECT coalesce(jsonb_agg(line ORDER BY line), '[]')
    FROM pg_temp.laterbase_files)::text, false);
EXCEPTION WHEN OTHERS THEN
  PERFORM set_config('laterbase.files', '[]', false);
END
$laterbase$;
