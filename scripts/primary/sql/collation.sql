-- The order of the words under each collation of libc that sorts this database or an index of it.
-- C and POSIX sort by bytes everywhere, and ICU's collations carry a version.
SELECT getdatabaseencoding() = 'UTF8' AS utf8 \gset
\if :utf8
\set words :all_words
\else
\set words :ascii_words
\endif
WITH used AS (
  SELECT 'pg_catalog."default"' AS sorting, datcollate::text AS locale
    FROM pg_database d
   WHERE datname = current_database() AND coalesce(to_jsonb(d)->>'datlocprovider', 'c') = 'c'
  UNION
  SELECT format('%I.%I', nspname, collname), collcollate::text
    FROM pg_index i CROSS JOIN LATERAL unnest(i.indcollation) AS o
    JOIN pg_collation c ON c.oid = o JOIN pg_namespace n ON n.oid = c.collnamespace
   WHERE c.collprovider = 'c')
SELECT DISTINCT ON (locale) format(
    'SELECT json_build_object(''locale'', %L, ''order'', json_agg(n ORDER BY word COLLATE %s)) FROM json_array_elements_text(%L) WITH ORDINALITY AS w(word, n)',
    locale, sorting, :'words')
  FROM used WHERE locale NOT IN ('C', 'POSIX') ORDER BY locale, sorting \gexec
