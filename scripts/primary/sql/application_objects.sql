-- Gives the role of this database what the superuser of initdb and earlier owners of ours have in it. Members of
-- extensions stay, and so does what only a superuser may have, or what a superuser's session runs: event triggers,
-- foreign data wrappers, languages, publications of everything, subscriptions, and the functions of event triggers,
-- casts and index methods. Each object is a transaction of its own: its lock is held for a moment, and a busy one
-- is tried again for half a minute.
SET lock_timeout = '1s';
-- Before 17 nothing else turns event triggers off; those that fire all the same are refused below.
SET session_replication_role = replica;
DO $laterbase$
DECLARE
  args   constant jsonb := current_setting('laterbase.args')::jsonb;
  wanted constant text := args->'application'->>'role';
  mine   constant oid := (SELECT oid FROM pg_roles WHERE rolname = wanted);
  ends   constant timestamptz := clock_timestamp() + interval '30 s';
  firing text;
  one    record;
  busy   int;
  moved  int := 0;
  failed int;
  first  text;
BEGIN
  SELECT evtname INTO firing FROM pg_event_trigger
    WHERE evtenabled IN ('A', 'R') AND evtevent <> 'login' AND current_setting('server_version_num')::int < 170000;
  LOOP
    busy := 0;
    failed := 0;
    FOR one IN
      WITH sources AS (
        SELECT oid FROM pg_roles WHERE oid = 10
        UNION ALL SELECT oid FROM (SELECT oid, shobj_description(oid, 'pg_authid') AS note FROM pg_roles WHERE oid <> mine) r
          WHERE CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb->>'owner' = args->>'owner' AND note::jsonb ? 'application' END),
      schemas AS (
        SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'),
      objects AS (
        SELECT 'pg_class'::regclass AS class, oid, relowner AS owner, relnamespace AS schema, CASE relkind
            WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
            WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind
          FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
           -- A sequence of a column follows its table.
           AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
             AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i') AND relkind = 'S')
        UNION ALL SELECT 'pg_type'::regclass, oid, typowner, typnamespace, 'TYPE' FROM pg_type
          -- Arrays and the rows of tables follow what they belong to.
          WHERE typisdefined AND NOT EXISTS (SELECT FROM pg_depend
            WHERE classid = 'pg_type'::regclass AND objid = pg_type.oid AND deptype = 'i')
        UNION ALL SELECT 'pg_proc'::regclass, oid, proowner, pronamespace, 'ROUTINE' FROM pg_proc
          WHERE NOT EXISTS (SELECT FROM pg_depend WHERE refclassid = 'pg_proc'::regclass AND refobjid = pg_proc.oid
            AND classid IN ('pg_event_trigger'::regclass, 'pg_cast'::regclass, 'pg_language'::regclass,
              'pg_foreign_data_wrapper'::regclass, 'pg_am'::regclass, 'pg_amproc'::regclass, 'pg_opclass'::regclass,
              'pg_opfamily'::regclass, 'pg_transform'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass,
              'pg_conversion'::regclass))
           -- A session that reads a value of the range calls it, also the superuser of a restore.
           AND NOT EXISTS (SELECT FROM pg_range WHERE rngcanonical = pg_proc.oid)
        UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner, oprnamespace, 'OPERATOR' FROM pg_operator
        UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner, opcnamespace, 'OPERATOR CLASS' FROM pg_opclass
        UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner, opfnamespace, 'OPERATOR FAMILY' FROM pg_opfamily
        UNION ALL SELECT 'pg_collation'::regclass, oid, collowner, collnamespace, 'COLLATION' FROM pg_collation
        UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner, connamespace, 'CONVERSION' FROM pg_conversion
        UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner, dictnamespace, 'TEXT SEARCH DICTIONARY' FROM pg_ts_dict
        UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner, cfgnamespace, 'TEXT SEARCH CONFIGURATION' FROM pg_ts_config
        UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner, stxnamespace, 'STATISTICS' FROM pg_statistic_ext
        UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner, oid, 'SCHEMA' FROM pg_namespace
        UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner, NULL, 'SERVER' FROM pg_foreign_server
        UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner, NULL, 'PUBLICATION' FROM pg_publication WHERE NOT puballtables
        UNION ALL SELECT 'pg_largeobject'::regclass, oid, lomowner, NULL, 'LARGE OBJECT' FROM pg_largeobject_metadata)
      SELECT kind, i.identity, i.type FROM objects o CROSS JOIN LATERAL pg_identify_object(class, o.oid, 0) i
       WHERE o.owner IN (SELECT oid FROM sources)
         AND (o.schema IS NULL OR o.schema IN (SELECT oid FROM schemas))
         AND (o.oid >= 16384 OR kind = 'LARGE OBJECT' OR (kind = 'SCHEMA' AND i.name = 'public'))
         AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = class AND objid = o.oid AND deptype = 'e')
       ORDER BY kind = 'SCHEMA' DESC, kind, i.identity
    LOOP
      CONTINUE WHEN one.identity IS NULL;
      IF firing IS NOT NULL THEN
        RAISE EXCEPTION '%', format(args->'refusals'->>'eventTrigger', firing);
      END IF;
      BEGIN
        EXECUTE format('ALTER %s %s OWNER TO %I', one.kind, one.identity, wanted);
        moved := moved + 1;
      EXCEPTION
        WHEN lock_not_available OR deadlock_detected THEN
          busy := busy + 1;
          IF busy = 1 THEN first := format('%s %s', one.type, one.identity); END IF;
        WHEN undefined_object OR undefined_table OR undefined_function OR invalid_schema_name THEN
          -- It was dropped meanwhile.
          NULL;
        WHEN OTHERS THEN
          failed := failed + 1;
          IF failed = 1 THEN first := format('%s %s: %s', one.type, one.identity, SQLERRM); END IF;
      END;
      COMMIT;
    END LOOP;
    EXIT WHEN busy = 0 OR failed > 0 OR clock_timestamp() > ends;
    PERFORM pg_sleep(0.5);
  END LOOP;
  IF failed > 0 THEN
    RAISE EXCEPTION '%', format(args->'refusals'->>'notGiven', failed, first);
  ELSIF busy > 0 THEN
    RAISE EXCEPTION '%', format(args->'refusals'->>'inUse', busy, first);
  END IF;
  IF moved > 0 THEN
    PERFORM set_config('laterbase.said', format('It owns %s objects there that were the superuser''s.', moved), false);
  END IF;
END
$laterbase$;
