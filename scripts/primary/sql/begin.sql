SET client_min_messages = error;
-- psql does not put variables into DO blocks, so they travel as settings of this session.
SELECT set_config('laterbase.args', :'args', false) AS args,
       set_config('laterbase.mode', :'mode', false) AS mode,
       set_config('laterbase.said', '', false) AS said \gset
