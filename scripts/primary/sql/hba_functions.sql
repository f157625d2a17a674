-- Helpers of this session only (pg_temp): the file's bytes without our block, and the write.
CREATE FUNCTION pg_temp.laterbase_without(content bytea, first text, last text) RETURNS bytea
LANGUAGE plpgsql AS $function$
DECLARE
  nl    constant bytea := '\x0a';
  head  constant bytea := nl || convert_to(first, 'UTF8');
  tail  constant bytea := nl || convert_to(last, 'UTF8');
  rest  bytea := content;
  at_   int;
  begun int;
  ended int;
BEGIN
  LOOP
    -- A newline in front and one behind, so that a marker is found only as a whole line;
    -- an editor may have given our lines the file's own CRLF.
    at_ := position(head || nl IN nl || rest || nl);
    IF at_ = 0 THEN at_ := position(head || '\x0d0a'::bytea IN nl || rest || nl); END IF;
    IF at_ = 0 THEN RETURN rest; END IF;
    begun := at_;
    ended := position(tail || nl IN substring(rest FROM begun) || nl);
    at_ := position(tail || '\x0d0a'::bytea IN substring(rest FROM begun) || nl);
    IF at_ > 0 AND (ended = 0 OR at_ < ended) THEN ended := at_ + 1; END IF;
    IF ended = 0 THEN
      RAISE EXCEPTION 'pg_hba.conf has the line "%" but not "%": put the second one back, or remove the block by hand.', first, last;
    END IF;
    ended := begun + ended + length(tail);
    rest := substring(rest FOR begun - 1) || substring(rest FROM ended);
  END LOOP;
END
$function$;

-- Writes the bytes; returns NULL, or why it did not work. Renaming is atomic, but keeps neither
-- a hard link nor a foreign owner, and a bind-mounted file cannot be renamed: those are written
-- in place. A symbolic link is followed first.
CREATE FUNCTION pg_temp.laterbase_write(file text, content bytea) RETURNS text
LANGUAGE plpgsql AS $function$
DECLARE
  stage constant text := current_setting('data_directory') || '/laterbase-hba-' || pg_backend_pid();
  quote constant text := $q$'\''$q$;
  blob  oid;
  said  text;
BEGIN
  IF version() ~* 'visual c|msvc|mingw|windows' THEN
    RETURN 'a server on Windows has no shell to do it with';
  END IF;
  CREATE TEMP TABLE IF NOT EXISTS laterbase_said (line text) ON COMMIT DROP;
  TRUNCATE pg_temp.laterbase_said;
  COPY pg_temp.laterbase_said FROM PROGRAM 'command -v cp && command -v cat && command -v mv';
  blob := lo_from_bytea(0, content);
  PERFORM lo_export(blob, stage);
  PERFORM lo_unlink(blob);
  EXECUTE format('COPY pg_temp.laterbase_said FROM PROGRAM %L WITH (FORMAT csv, DELIMITER E''\x01'', QUOTE E''\x02'')',
    'f=''' || replace(file, '''', quote) || '''; s=''' || replace(stage, '''', quote) || '''; ' || $sh$
    {
      LC_ALL=C; export LC_ALL; umask 077
      while [ -L "$f" ]; do
        l=$(readlink "$f") || break
        case $l in /*) f=$l ;; *) f=${f%/*}/$l ;; esac
      done
      n=${f%/*}/.laterbase-hba.$$
      look() { ls -ln "$1" | awk '{ print $1, $2, $3, $4 }'; }
      fill() {
        if [ -w "$1" ]; then cat "$s" > "$1"; return; fi
        chmod u+w "$1" && cat "$s" > "$1" && chmod u-w "$1"
      }
      if cp -p "$f" "$n" && [ "$(look "$f")" = "$(look "$n")" ] && fill "$n" && sync "$n"; then
        mv -f "$n" "$f"
      fi
      rm -f "$n"
      cmp -s "$s" "$f" || { fill "$f"; sync "$f"; }
      if cmp -s "$s" "$f"; then echo laterbase:written; fi
      rm -f "$s"
    } 2>&1
    exit 0
    $sh$);
  SELECT string_agg(line, '; ') INTO said FROM pg_temp.laterbase_said WHERE line ~ '[Dd]enied|only|space|rror';
  IF EXISTS (SELECT FROM pg_temp.laterbase_said WHERE line = 'laterbase:written') THEN
    RETURN NULL;
  END IF;
  RETURN coalesce(said, 'the server''s user may not write it');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END
$function$;

-- How many of the wanted rules stand in the file, and before any rule that would win over them.
CREATE FUNCTION pg_temp.laterbase_rules(args jsonb) RETURNS boolean
LANGUAGE sql AS $function$
  WITH rules AS (
    SELECT r.*, coalesce((to_jsonb(r)->>'rule_number')::int, line_number) AS place,
           type = 'host' AND database = '{replication}' AND user_name = ARRAY[args->>'role']
             AND auth_method = 'scram-sha-256' AS ours
      FROM pg_hba_file_rules r WHERE error IS NULL),
  wanted AS (
    SELECT n, min(place) AS place FROM jsonb_array_elements_text(args->'networks') n
      LEFT JOIN rules ON ours AND CASE WHEN n IN ('samenet', 'samehost', 'all') THEN address = n
        ELSE address = host(n::inet) AND netmask = host(netmask(n::inet)) END
      GROUP BY n)
  SELECT bool_and(w.place IS NOT NULL AND NOT EXISTS (
    SELECT FROM rules o WHERE NOT o.ours AND o.place < w.place AND o.type LIKE 'host%'
      AND 'replication' = ANY (o.database) AND (o.user_name && ARRAY['all', args->>'role'])))
    FROM wanted w;
$function$;
