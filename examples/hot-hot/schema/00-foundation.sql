-- mfi_banking: what every other file needs.
-- The files of this directory run once, in the order of their names, as the superuser, against an
-- empty database.

CREATE EXTENSION "uuid-ossp"; -- uuid_generate_v4() for keys, _v5() for ids that can be made again
CREATE EXTENSION pgcrypto;    -- digest(): tokens and keys are stored as hashes only

CREATE FUNCTION set_updated_at() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    -- clock_timestamp(), not now(): a second change in the same transaction must show as well.
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION set_updated_at() IS
    'Trigger function: stamps updated_at. Used by every table that has that column, for rows that really change.';
