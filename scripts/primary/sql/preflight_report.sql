-- Prints all findings: one line of JSON for a program, sentences for people. Each line begins with the
-- number of its stream; a finding that blocks goes to the second one.
SELECT coalesce((current_setting('laterbase.args')::jsonb->>'report')::boolean, false) AS report \gset
WITH findings AS (
  SELECT current_setting('laterbase.blocks')::jsonb
      || coalesce(nullif(current_setting('laterbase.warnings', true), ''), '[]')::jsonb
      || coalesce(nullif(current_setting('laterbase.notes', true), ''), '[]')::jsonb AS found)
\if :report
SELECT '1 ' || (jsonb_build_object('findings', found) || CASE WHEN :'superuser' THEN jsonb_build_object('server', jsonb_build_object(
    'version', current_setting('server_version'), 'build', version(),
    'databases', (SELECT count(*) FROM pg_database WHERE datname NOT IN ('template0', 'template1')))) ELSE '{}' END)::text
  FROM findings;
\else
, lines AS (
  SELECT nth, CASE f->>'level' WHEN 'block' THEN 2 ELSE 1 END AS stream,
         CASE f->>'level' WHEN 'block' THEN f->>'finding' ELSE format('%s: %s. %s %s',
           CASE f->>'level' WHEN 'warn' THEN 'Warning' ELSE 'Note' END, f->>'finding', f->>'means', f->>'todo') END AS line
    FROM findings, jsonb_array_elements(found) WITH ORDINALITY AS e (f, nth)
  UNION ALL
  SELECT 0, 1, format('PostgreSQL %s is ready for %s standby(s).', current_setting('server_version'), a->>'standbys')
    FROM (SELECT current_setting('laterbase.args')::jsonb AS a) args, findings
   WHERE NOT found @> '[{"level": "block"}]')
SELECT stream || ' ' || replace(line, E'\n', E'\n' || stream || ' ') FROM lines ORDER BY nth;
\endif
