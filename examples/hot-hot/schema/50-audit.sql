-- mfi_banking: module Audit.
-- Rows are only added, hence bigint keys and no updated_at. RESTRICT on every user: somebody who has
-- left a trace is closed, never deleted, and the trail keeps its subject. Time ranges are read by a
-- BRIN index (rows lie on disk in the order of time, so it stays tiny); one user's trail by a btree,
-- which serves the foreign key too.

CREATE TABLE user_auth_logs (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at    timestamptz NOT NULL DEFAULT now(),
    portal_user_id uuid        REFERENCES portal_users (id) ON DELETE RESTRICT,
    mfi_user_id    uuid        REFERENCES mfi_users (id) ON DELETE RESTRICT,
    username       text        NOT NULL,
    event          text        NOT NULL
        CHECK (event IN ('login', 'login_failed', 'logout', 'password_reset', 'mfa_challenge')),
    succeeded      boolean     NOT NULL,
    ip_address     inet,
    user_agent     text,
    session_sha256 bytea       CHECK (octet_length(session_sha256) = 32),
    metadata       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    CHECK (num_nonnulls(portal_user_id, mfi_user_id) <= 1),
    CHECK (event <> 'login_failed' OR NOT succeeded)
);
COMMENT ON TABLE user_auth_logs IS 'Logins of portal users and client users; neither is set when the name is unknown.';
CREATE INDEX user_auth_logs_occurred_at_idx ON user_auth_logs USING brin (occurred_at);
CREATE INDEX user_auth_logs_portal_user_idx ON user_auth_logs (portal_user_id, occurred_at);
CREATE INDEX user_auth_logs_mfi_user_idx ON user_auth_logs (mfi_user_id, occurred_at);
CREATE INDEX user_auth_logs_failures_idx ON user_auth_logs (ip_address, occurred_at) WHERE NOT succeeded;

CREATE TABLE admin_event_logs (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at   timestamptz NOT NULL DEFAULT now(),
    actor_id      uuid        NOT NULL REFERENCES portal_users (id) ON DELETE RESTRICT,
    operation     text        NOT NULL CHECK (operation IN ('create', 'update', 'delete', 'action')),
    resource_type text        NOT NULL,
    -- Text and no foreign key: the event must survive what it is about.
    resource_id   text        NOT NULL,
    details       jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object')
);
COMMENT ON TABLE admin_event_logs IS 'What administrators changed, with the values before and after.';
COMMENT ON COLUMN admin_event_logs.details IS 'Searched with @> ("who ever set this field").';
CREATE INDEX admin_event_logs_occurred_at_idx ON admin_event_logs USING brin (occurred_at);
CREATE INDEX admin_event_logs_actor_idx ON admin_event_logs (actor_id, occurred_at);
CREATE INDEX admin_event_logs_resource_idx ON admin_event_logs (resource_type, resource_id);
CREATE INDEX admin_event_logs_details_idx ON admin_event_logs USING gin (details jsonb_path_ops);

CREATE TABLE user_activity_logs (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at      timestamptz NOT NULL DEFAULT now(),
    user_id          uuid        NOT NULL REFERENCES portal_users (id) ON DELETE RESTRICT,
    activity_type_id smallint    NOT NULL REFERENCES activity_type (id) ON DELETE RESTRICT,
    request_id       uuid        NOT NULL DEFAULT uuid_generate_v4(),
    duration_ms      integer     CHECK (duration_ms >= 0),
    metadata         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object')
);
COMMENT ON TABLE user_activity_logs IS 'What portal users did.';
CREATE INDEX user_activity_logs_occurred_at_idx ON user_activity_logs USING brin (occurred_at);
CREATE INDEX user_activity_logs_user_idx ON user_activity_logs (user_id, occurred_at);
CREATE INDEX user_activity_logs_type_idx ON user_activity_logs (activity_type_id, occurred_at);
CREATE INDEX user_activity_logs_metadata_idx ON user_activity_logs USING gin (metadata jsonb_path_ops);

CREATE TABLE mfi_user_activity_logs (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    occurred_at      timestamptz NOT NULL DEFAULT now(),
    user_id          uuid        NOT NULL REFERENCES mfi_users (id) ON DELETE RESTRICT,
    activity_type_id smallint    NOT NULL REFERENCES activity_type (id) ON DELETE RESTRICT,
    -- The platform it happened on, where there was one.
    platform_id      uuid        REFERENCES digital_platforms (id) ON DELETE RESTRICT,
    request_id       uuid        NOT NULL DEFAULT uuid_generate_v4(),
    duration_ms      integer     CHECK (duration_ms >= 0),
    metadata         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object')
);
COMMENT ON TABLE mfi_user_activity_logs IS 'What the clients'' own users did.';
CREATE INDEX mfi_user_activity_logs_occurred_at_idx ON mfi_user_activity_logs USING brin (occurred_at);
CREATE INDEX mfi_user_activity_logs_user_idx ON mfi_user_activity_logs (user_id, occurred_at);
CREATE INDEX mfi_user_activity_logs_type_idx ON mfi_user_activity_logs (activity_type_id, occurred_at);
CREATE INDEX mfi_user_activity_logs_platform_idx ON mfi_user_activity_logs (platform_id);
CREATE INDEX mfi_user_activity_logs_metadata_idx
    ON mfi_user_activity_logs USING gin (metadata jsonb_path_ops);
