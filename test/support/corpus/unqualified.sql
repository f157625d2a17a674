-- Functions and checks that find what they call by the search_path of the database only.
ALTER DATABASE :"db" SET search_path = app, public; CREATE SCHEMA app;
\c
CREATE TABLE app.codes (c text); INSERT INTO app.codes VALUES ('a'), ('b');
CREATE FUNCTION app.known(text) RETURNS bool LANGUAGE plpgsql STABLE AS $$BEGIN RETURN EXISTS (SELECT FROM codes WHERE c = $1); END$$;
CREATE FUNCTION app.helper(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE FUNCTION app.norm(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN app.helper($1); END$$;
CREATE TABLE public.uses (c text CHECK (known(c)), n text GENERATED ALWAYS AS (norm(c)) STORED); INSERT INTO public.uses VALUES ('a');
CREATE INDEX ON public.uses (norm(c)); CREATE DOMAIN public.code AS text CHECK (known(VALUE)); CREATE TABLE public.d (c code); INSERT INTO d VALUES ('b');
CREATE MATERIALIZED VIEW public.mv AS SELECT norm(c) AS x FROM uses; ALTER TABLE public.uses ADD CONSTRAINT later CHECK (norm(c) = c);
