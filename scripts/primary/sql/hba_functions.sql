-- Functions of this session only (pg_temp). The first one returns the file's bytes without our block.
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
    -- With a newline before and after it, a marker is found only as a whole line. An editor may have
    -- changed the line ends to CRLF.
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

-- Writes the bytes. Returns NULL, or the reason why that failed. A rename is atomic. But it loses hard
-- links and another owner, and a bind-mounted file cannot be renamed: such files are written in place.
-- A symbolic link is followed first.
CREATE FUNCTION pg_temp.laterbase_write(file text, content bytea) RETURNS text
LANGUAGE plpgsql AS $function$
DECLARE
  stage constant text := current_setting('data_directory') || '/laterbase-hba-' || pg_backend_pid();
  quote constant text := $q$'\''$q$;
  blob  oid;
  said  text;
BEGIN
  IF version() ~* 'visual c|msvc|mingw|windows' THEN
    RETURN 'a server on Windows has no shell that could do it';
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
  -- Chooses words only: whether the file was written is decided by laterbase:written.
  SELECT string_agg(line, '; ') INTO said FROM pg_temp.laterbase_said WHERE line ~ '[Dd]enied|only|space|rror';
  IF EXISTS (SELECT FROM pg_temp.laterbase_said WHERE line = 'laterbase:written') THEN
    RETURN NULL;
  END IF;
  RETURN coalesce(said, 'the server''s user may not write it');
EXCEPTION WHEN OTHERS THEN
  RETURN SQLERRM;
END
$function$;

-- Puts our block at the top of pg_ident.conf, or takes it away where there is none to put. Other lines stay.
CREATE FUNCTION pg_temp.laterbase_identify(args jsonb, block bytea) RETURNS void
LANGUAGE plpgsql AS $function$
DECLARE
  file constant text := current_setting('ident_file');
  -- The file may be gone.
  old  constant bytea := CASE WHEN (pg_stat_file(file, true)).size IS NULL THEN '' ELSE pg_read_binary_file(file) END;
  rest constant bytea := pg_temp.laterbase_without(
    pg_temp.laterbase_without(old, args->>'first', args->>'last'), args->>'formerFirst', args->>'formerLast');
  why  text;
BEGIN
  IF block || rest = old THEN
    RETURN;
  END IF;
  why := pg_temp.laterbase_write(file, block || rest);
  IF why IS NOT NULL THEN
    RAISE EXCEPTION 'The primary''s % cannot be written (%).', file, why;
  END IF;
END
$function$;

-- Whether the rule is in the file that lets the role that backs up in over the socket, before any other that
-- would overrule it. Without such a rule there is nothing to look for.
CREATE FUNCTION pg_temp.laterbase_socket_rule(wanted jsonb) RETURNS boolean
LANGUAGE sql AS $function$
  WITH rules AS (
    SELECT r.*, coalesce((to_jsonb(r)->>'rule_number')::int, line_number) AS place
      FROM pg_hba_file_rules r WHERE error IS NULL AND type = 'local')
  SELECT wanted IS NULL OR EXISTS (
    SELECT FROM rules r WHERE r.database = ARRAY[wanted->>'database'] AND r.user_name = ARRAY[wanted->>'role']
      AND r.auth_method = 'peer' AND ('map=' || (wanted->>'role')) = ANY (r.options)
      AND NOT EXISTS (SELECT FROM rules o WHERE o.place < r.place
        AND o.user_name && ARRAY['all', wanted->>'role'] AND o.database && ARRAY['all', wanted->>'database']));
$function$;

-- Whether the wanted rules are in the file, before any rule that would overrule them. A rule for all
-- databases overrules ours only when it asks for something else than a password.
CREATE FUNCTION pg_temp.laterbase_rules(args jsonb) RETURNS boolean
LANGUAGE sql AS $function$
  WITH rules AS (
    SELECT r.*, coalesce((to_jsonb(r)->>'rule_number')::int, line_number) AS place
      FROM pg_hba_file_rules r WHERE error IS NULL),
  wanted AS (
    SELECT w->>'database' AS database, w->>'role' AS role, w->>'network' AS network
      FROM jsonb_array_elements(args->'rules') w),
  found AS (
    SELECT w.database, w.role, w.network, min(r.place) AS place FROM wanted w
      LEFT JOIN rules r ON r.type = 'host' AND r.database = ARRAY[w.database]
        AND r.user_name = ARRAY[w.role] AND r.auth_method = 'scram-sha-256'
        AND CASE WHEN w.network IN ('samenet', 'samehost', 'all') THEN r.address = w.network
          ELSE r.address = host(w.network::inet) AND r.netmask = host(netmask(w.network::inet)) END
      GROUP BY 1, 2, 3)
  SELECT pg_temp.laterbase_socket_rule(args->'socket') AND bool_and(f.place IS NOT NULL AND NOT EXISTS (
    SELECT FROM rules o WHERE o.place < f.place AND o.type LIKE 'host%'
      AND o.user_name && ARRAY['all', f.role]
      AND CASE f.database
        WHEN 'all' THEN o.database <> '{replication}'
          AND o.auth_method NOT IN ('scram-sha-256', 'md5', 'password', 'trust')
        ELSE 'replication' = ANY (o.database)
          AND NOT (o.type = 'host' AND o.database = '{replication}'
            AND o.user_name = ARRAY[f.role] AND o.auth_method = 'scram-sha-256') END))
    FROM found f;
$function$;
