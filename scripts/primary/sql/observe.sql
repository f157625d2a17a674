WITH args AS (
  SELECT current_setting('laterbase.args')::jsonb AS a),
records AS (
  SELECT rolname, CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb END AS o FROM (
    SELECT rolname, shobj_description(oid, 'pg_authid') AS note FROM pg_roles) r),
files AS (
  SELECT 'hba' AS file, pg_read_binary_file(current_setting('hba_file')) AS content
  UNION ALL SELECT 'ident', CASE WHEN (pg_stat_file(ident, true)).size IS NOT NULL
    THEN pg_read_binary_file(ident) END FROM current_setting('ident_file') AS ident),
begun AS (
  SELECT file, substring(content FROM begun) AS content, tail FROM (
    SELECT file, content, convert_to(E'\n# END laterbase ' || (o->>'owner'), 'UTF8') AS tail,
           nullif(position(convert_to('# BEGIN laterbase ' || (o->>'owner') || E'\n', 'UTF8') IN content), 0) AS begun
      FROM args JOIN records ON rolname = a->>'role', files) c),
blocks AS (
  SELECT file, encode(substring(content FOR position(tail IN content) + length(tail) - 1), 'escape') AS block
    FROM begun WHERE position(tail IN content) > 0),
rules AS (
  SELECT r.*, coalesce((to_jsonb(r)->>'rule_number')::int, line_number) AS place
    FROM pg_hba_file_rules r WHERE error IS NULL),
wanted AS (
  SELECT w.database, w.role, n AS network, nth
    FROM args JOIN records ON rolname = a->>'role'
    CROSS JOIN LATERAL (VALUES ('replication', a->>'role', true),
      ('all', a->'readers'->'dumps'->>'role', o ? 'hbaDumps'),
      ('all', a->'readers'->'pgAdmin'->>'role', o ? 'hbaPgAdmin'),
      ('all', a->'readers'->'health'->>'role', o ? 'hbaHealth'),
      ('all', a->>'restoreRole', o ? 'hbaRestore')) w (database, role, let_in)
    CROSS JOIN jsonb_array_elements_text(coalesce(o->'hba', '[]')) WITH ORDINALITY AS h (n, nth)
    WHERE w.let_in),
-- The same as laterbase_rules() in hba_functions.sql: an observation must not create a function.
found AS (
  SELECT w.database, w.role, w.network, w.nth, min(r.place) AS place FROM wanted w
    LEFT JOIN rules r ON r.type = 'host' AND r.database = ARRAY[w.database]
      AND r.user_name = ARRAY[w.role] AND r.auth_method = 'scram-sha-256'
      AND CASE WHEN w.network IN ('samenet', 'samehost', 'all') THEN r.address = w.network
        ELSE r.address = host(w.network::inet) AND r.netmask = host(netmask(w.network::inet)) END
    GROUP BY 1, 2, 3, 4),
-- The same as laterbase_socket_rule() there.
shut AS (
  SELECT role FROM args JOIN records ON rolname = a->>'role' AND o ? 'hbaBackups'
    CROSS JOIN LATERAL (SELECT has->>'role' AS role, has->'databases'->>0 AS database
      FROM (SELECT a->'readers'->'backups' AS has) h) w
    WHERE NOT EXISTS (SELECT FROM rules r WHERE r.type = 'local' AND r.database = ARRAY[w.database]
      AND r.user_name = ARRAY[w.role] AND r.auth_method = 'peer' AND ('map=' || w.role) = ANY (r.options)
      AND NOT EXISTS (SELECT FROM rules o WHERE o.place < r.place AND o.type = 'local'
        AND o.user_name && ARRAY['all', w.role] AND o.database && ARRAY['all', w.database]))),
missing AS (
  SELECT role, '["its socket"]'::jsonb AS networks FROM shut UNION ALL
  SELECT role, jsonb_agg(network ORDER BY nth) AS networks FROM found f
    WHERE f.place IS NULL OR EXISTS (
      SELECT FROM rules o WHERE o.place < f.place AND o.type LIKE 'host%'
        AND o.user_name && ARRAY['all', f.role]
        AND CASE f.database
          WHEN 'all' THEN o.database <> '{replication}'
            AND o.auth_method NOT IN ('scram-sha-256', 'md5', 'password', 'trust')
          ELSE 'replication' = ANY (o.database)
            AND NOT (o.type = 'host' AND o.database = '{replication}'
              AND o.user_name = ARRAY[f.role] AND o.auth_method = 'scram-sha-256') END)
    GROUP BY role),
-- The roles that read: what each has to have.
readers AS (
  SELECT key AS kind, value->>'role' AS name, value AS has FROM args, jsonb_each(a->'readers')),
roles AS (
  SELECT oid, rolname AS name, jsonb_build_object(
      'sound', rolcanlogin AND rolinherit AND rolreplication = (rolname = a->>'role')
        AND rolbypassrls = coalesce((has->>'bypassesPolicies')::boolean, false)
        AND NOT (rolsuper OR rolcreaterole OR rolcreatedb)
        AND rolconnlimit = coalesce((has->>'connections')::int, -1)
        AND coalesce(rolvaliduntil = 'infinity', true),
      'verifier', encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex'),
      'comment', shobj_description(oid, 'pg_authid')) AS observed
    FROM args CROSS JOIN pg_authid LEFT JOIN readers ON name = rolname
    WHERE rolname = a->>'role' OR name IS NOT NULL),
read AS (
  SELECT kind, observed || jsonb_build_object(
      'lacks', (SELECT coalesce(jsonb_agg(rolname ORDER BY rolname), '[]') FROM pg_roles r
        WHERE has->'memberships' ? rolname::text AND NOT pg_has_role(w.oid, r.oid, 'USAGE')),
      'unset', (SELECT coalesce(jsonb_agg(key ORDER BY key), '[]') FROM jsonb_each_text(has->'settings')
        WHERE NOT EXISTS (SELECT FROM pg_db_role_setting
          WHERE setrole = w.oid AND setdatabase = 0 AND setconfig @> ARRAY[key || '=' || value])),
      'denied', (SELECT coalesce(jsonb_agg(f ORDER BY f), '[]') FROM jsonb_array_elements_text(has->'executes') f
        WHERE NOT has_function_privilege(w.oid, f, 'EXECUTE')),
      'closed', (SELECT coalesce(jsonb_agg(datname ORDER BY datname), '[]') FROM pg_database b
        WHERE datallowconn AND datname NOT IN ('template0', 'template1') AND NOT has_database_privilege(w.oid, b.oid, 'CONNECT')
          AND (NOT has ? 'databases' OR has->'databases' ? datname::text))) AS observed
    FROM roles w JOIN readers USING (name)),
-- The roles that own databases.
owners AS (
  SELECT w->>'role' AS name, jsonb_build_object(
      'role', (SELECT jsonb_build_object(
          'sound', rolcanlogin AND rolinherit AND NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
            AND coalesce(rolvaliduntil = 'infinity', true),
          'verifier', encode(sha256(convert_to(rolpassword, 'UTF8')), 'hex'),
          'comment', shobj_description(oid, 'pg_authid'))
        FROM pg_authid WHERE rolname = w->>'role'),
      'owner', (SELECT r.rolname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = w->>'database'),
      'anybody', (SELECT EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
          WHERE x.grantee = 0 AND x.privilege_type = 'CONNECT') FROM pg_database d WHERE d.datname = w->>'database')) AS observed
    FROM args, jsonb_array_elements(coalesce(a->'applications', '[]')) w)
SELECT jsonb_build_object(
  'role', (SELECT observed FROM roles WHERE name = a->>'role'),
  'dumps', (SELECT observed FROM read WHERE kind = 'dumps'),
  'pgAdmin', (SELECT observed FROM read WHERE kind = 'pgAdmin'),
  'backups', (SELECT observed FROM read WHERE kind = 'backups'),
  'health', (SELECT observed FROM read WHERE kind = 'health'),
  'heartbeat', CASE WHEN a ? 'heartbeat' THEN coalesce((SELECT jsonb_build_object(
      'sound', c.relowner = r.oid AND c.relkind = 'r' AND NOT (c.relhastriggers OR c.relhasrules OR c.relrowsecurity),
      'open', coalesce((SELECT has_schema_privilege(m.oid, c.relnamespace, 'USAGE') AND has_table_privilege(m.oid, c.oid, 'SELECT')
          AND has_table_privilege(m.oid, c.oid, 'UPDATE') FROM roles m WHERE m.name = a->'readers'->'health'->>'role'), false))
    FROM pg_class c JOIN pg_roles r ON r.rolname = current_user WHERE c.oid = to_regclass('laterbase.heartbeat')), '{}') END,
  'applications', (SELECT coalesce(jsonb_object_agg(name, observed), '{}') FROM owners),
  'logins', CASE WHEN a ? 'logins' THEN pg_read_file(a->>'logins', 0, 10000000, true) END,
  'slots', coalesce((SELECT jsonb_object_agg(slot_name, jsonb_build_object(
      'type', slot_type, 'status', wal_status, 'reserved', restart_lsn IS NOT NULL))
    FROM pg_replication_slots WHERE a->'slots' ? slot_name::text), '{}'),
  'slotWalLimit', (SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
  -- The record's key `cap` is a format that earlier versions wrote.
  'otherSlotWalLimit', (SELECT max(CASE WHEN o->'cap'->>'set' ~ '^[0-9]{1,9}$' THEN (o->'cap'->>'set')::int END) FROM records WHERE rolname <> a->>'role'),
  'login', (SELECT rolpassword IS NOT DISTINCT FROM noted FROM pg_authid, (
      SELECT trim(E'\n' FROM CASE WHEN a ? 'login' THEN pg_read_file(a->>'login', 0, 1000, true) END) AS noted) n
    WHERE rolname = current_user AND noted IS NOT NULL),
  -- Whatever ALTER SYSTEM has set, also where only a restart puts it in force.
  'overruled', CASE WHEN a ? 'parameters' THEN (SELECT coalesce(jsonb_agg(DISTINCT f.name), '[]') FROM pg_file_settings f
    WHERE a->'parameters' ? lower(f.name) AND f.sourcefile = current_setting('data_directory') || '/postgresql.auto.conf') END,
  'missing', (SELECT coalesce(jsonb_object_agg(role, networks), '{}') FROM missing),
  'block', (SELECT block FROM blocks WHERE file = 'hba'),
  'ident', (SELECT block FROM blocks WHERE file = 'ident'),
  'archive', (SELECT jsonb_object_agg(name, jsonb_build_object('value', setting, 'file', sourcefile))
    FROM pg_settings WHERE name IN ('archive_mode', 'archive_command', 'archive_timeout', 'archive_library')))
  FROM args;
