-- mfi_banking: module Portals.
-- People and groups come from Keycloak: a group is made there first and then synchronised to here.

CREATE TABLE portals (
    id         uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    code       text        NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9-]*$'),
    name       text        NOT NULL,
    base_url   text        NOT NULL UNIQUE CHECK (base_url ~ '^https://'),
    -- RESTRICT: reference data in use stays. NULL: a portal for every country.
    country_id smallint    REFERENCES mfi_country (id) ON DELETE RESTRICT,
    is_active  boolean     NOT NULL DEFAULT true,
    metadata   jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE portals IS 'The web portals that staff and institutions log in to.';
COMMENT ON COLUMN portals.metadata IS 'Branding and switches, read whole with the row: no index.';
CREATE INDEX portals_country_id_idx ON portals (country_id);

CREATE TABLE portal_groups (
    id                uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    -- CASCADE: a group is a copy of Keycloak's and means nothing without its portal.
    portal_id         uuid        NOT NULL REFERENCES portals (id) ON DELETE CASCADE,
    keycloak_group_id uuid        NOT NULL UNIQUE,
    name              text        NOT NULL,
    path              text        NOT NULL CHECK (path LIKE '/%'),
    description       text        NOT NULL DEFAULT '',
    synced_at         timestamptz NOT NULL DEFAULT now(),
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (portal_id, name),
    UNIQUE (portal_id, id) -- what user_groups points at
);
COMMENT ON TABLE portal_groups IS 'Keycloak groups of portal staff.';

CREATE TABLE portal_users (
    id               uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    -- RESTRICT: people are never lost as a side effect; a portal with users is switched off instead.
    portal_id        uuid        NOT NULL REFERENCES portals (id) ON DELETE RESTRICT,
    keycloak_user_id uuid        NOT NULL UNIQUE,
    username         text        NOT NULL CHECK (username = lower(username)),
    email            text        NOT NULL CHECK (email LIKE '%_@_%'),
    full_name        text        NOT NULL,
    status           text        NOT NULL DEFAULT 'invited'
        CHECK (status IN ('invited', 'active', 'suspended', 'closed')),
    last_login_at    timestamptz,
    metadata         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (portal_id, username),
    UNIQUE (portal_id, id) -- what user_groups points at
);
COMMENT ON TABLE portal_users IS 'Staff of the portals. Credentials stay in Keycloak.';
CREATE UNIQUE INDEX portal_users_email_key ON portal_users (portal_id, lower(email));

CREATE TABLE user_groups (
    portal_id   uuid        NOT NULL,
    user_id     uuid        NOT NULL,
    group_id    uuid        NOT NULL,
    -- RESTRICT: who gave a right must stay known.
    assigned_by uuid        REFERENCES portal_users (id) ON DELETE RESTRICT,
    assigned_at timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz CHECK (expires_at > assigned_at),
    PRIMARY KEY (user_id, group_id),
    -- Both keys carry the portal, so that nobody gets into a group of another portal.
    -- CASCADE: a membership ends with either of its two ends.
    FOREIGN KEY (portal_id, user_id)  REFERENCES portal_users (portal_id, id)  ON DELETE CASCADE,
    FOREIGN KEY (portal_id, group_id) REFERENCES portal_groups (portal_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE user_groups IS 'Which portal user is in which group. Rows come and go; they are not changed.';
CREATE INDEX user_groups_portal_user_idx ON user_groups (portal_id, user_id);
CREATE INDEX user_groups_portal_group_idx ON user_groups (portal_id, group_id);
CREATE INDEX user_groups_assigned_by_idx ON user_groups (assigned_by);
