-- No setting of the database, the role or the server may change what these scripts do. A commit must not wait
-- for a synchronous standby that is away.
SET client_min_messages = error;
SET search_path = pg_catalog, pg_temp;
SET standard_conforming_strings = on;
SET synchronous_commit = local;
SELECT set_config('lc_messages', 'C', false) FROM pg_roles WHERE rolname = current_user AND rolsuper \g /dev/null
-- Each file tests for itself that a note is ours, because a function for that would have to be created, and
-- the checks change nothing on a primary.
-- psql does not put variables into DO blocks, so they travel as settings of this session.
SELECT set_config('laterbase.args', :'args', false) AS args,
       set_config('laterbase.mode', :'mode', false) AS mode,
       set_config('laterbase.said', '', false) AS said \gset
