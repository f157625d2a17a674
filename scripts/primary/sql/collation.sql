-- The order of the words under each collation of libc that sorts this database or an index of it: one line of
-- JSON each. C and POSIX sort by bytes everywhere, and ICU's collations carry a version.
SELECT pg_catalog.getdatabaseencoding() = 'UTF8' AS utf8 \gset
\if :utf8
\set words :all_words
\else
\set words :ascii_words
\endif
SELECT pg_catalog.set_config('laterbase.words', :'words', false) \g /dev/null
DO $laterbase$
DECLARE
  one    record;
  line   text;
  orders text := '';
BEGIN
  FOR one IN WITH used AS (
      SELECT 'pg_catalog' AS schema, 'default' AS sorting, datcollate::text AS locale
        FROM pg_catalog.pg_database d
       WHERE datname = pg_catalog.current_database() AND coalesce(pg_catalog.to_jsonb(d)->>'datlocprovider', 'c') = 'c'
      UNION
      SELECT nspname::text, collname::text, collcollate::text
        FROM pg_catalog.pg_index i CROSS JOIN LATERAL pg_catalog.unnest(i.indcollation) AS o
        JOIN pg_catalog.pg_collation c ON c.oid = o JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
       WHERE c.collprovider = 'c')
    SELECT DISTINCT ON (locale) * FROM used WHERE locale NOT IN ('C', 'POSIX') ORDER BY locale, schema, sorting
  LOOP
    EXECUTE pg_catalog.format(
        'SELECT pg_catalog.json_build_object(''locale'', $1, ''order'', pg_catalog.json_agg(n ORDER BY word COLLATE %I.%I))
           FROM pg_catalog.json_array_elements_text($2) WITH ORDINALITY AS w(word, n)', one.schema, one.sorting)
      INTO line USING one.locale, pg_catalog.current_setting('laterbase.words')::json;
    orders := orders || line || E'\n';
  END LOOP;
  PERFORM pg_catalog.set_config('laterbase.said', orders, false);
END
$laterbase$;
SELECT pg_catalog.current_setting('laterbase.said');
