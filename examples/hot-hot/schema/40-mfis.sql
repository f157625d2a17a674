-- mfi_banking: module MFIs, the clients, their people and what they are connected to.

CREATE TABLE mfi_clients (
    id                  uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    code                text        NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{2}-[0-9]{4}$'),
    legal_name          text        NOT NULL,
    trading_name        text,
    registration_number text        NOT NULL,
    -- RESTRICT, three times: a client cannot lose its country, its form or its portal.
    country_id          smallint    NOT NULL REFERENCES mfi_country (id) ON DELETE RESTRICT,
    type_id             smallint    NOT NULL REFERENCES mfi_type (id) ON DELETE RESTRICT,
    portal_id           uuid        NOT NULL REFERENCES portals (id) ON DELETE RESTRICT,
    status              text        NOT NULL DEFAULT 'prospect'
        CHECK (status IN ('prospect', 'onboarding', 'active', 'suspended', 'closed')),
    contact_email       text        NOT NULL CHECK (contact_email LIKE '%_@_%'),
    onboarded_on        date,
    metadata            jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    UNIQUE (country_id, registration_number),
    CHECK (status NOT IN ('active', 'suspended') OR onboarded_on IS NOT NULL)
);
COMMENT ON TABLE mfi_clients IS 'Microfinance institutions. Closed, never deleted, once they have users.';
COMMENT ON COLUMN mfi_clients.metadata IS 'Segments, figures and tags; searched with @>.';
CREATE INDEX mfi_clients_type_id_idx ON mfi_clients (type_id);
CREATE INDEX mfi_clients_portal_id_idx ON mfi_clients (portal_id);
CREATE INDEX mfi_clients_metadata_idx ON mfi_clients USING gin (metadata jsonb_path_ops);

CREATE TABLE mfi_groups (
    id                uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    -- CASCADE: a copy of Keycloak's group, meaningless without its client.
    client_id         uuid        NOT NULL REFERENCES mfi_clients (id) ON DELETE CASCADE,
    keycloak_group_id uuid        NOT NULL UNIQUE,
    name              text        NOT NULL,
    path              text        NOT NULL CHECK (path LIKE '/%'),
    description       text        NOT NULL DEFAULT '',
    synced_at         timestamptz NOT NULL DEFAULT now(),
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (client_id, name),
    UNIQUE (client_id, id) -- what mfi_users points at
);
COMMENT ON TABLE mfi_groups IS 'Keycloak groups of a client''s own staff.';

CREATE TABLE mfi_users (
    id               uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    -- RESTRICT: a client with people in it is closed, not deleted.
    client_id        uuid        NOT NULL REFERENCES mfi_clients (id) ON DELETE RESTRICT,
    group_id         uuid,
    keycloak_user_id uuid        NOT NULL UNIQUE,
    username         text        NOT NULL CHECK (username = lower(username)),
    email            text        NOT NULL CHECK (email LIKE '%_@_%'),
    full_name        text        NOT NULL,
    phone            text        CHECK (phone ~ '^\+[0-9]{7,15}$'),
    status           text        NOT NULL DEFAULT 'invited'
        CHECK (status IN ('invited', 'active', 'suspended', 'closed')),
    last_login_at    timestamptz,
    metadata         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (client_id, username),
    -- With the client in the key, nobody gets into another client's group. RESTRICT: a group is
    -- emptied before it goes, so that nobody loses rights unnoticed.
    FOREIGN KEY (client_id, group_id) REFERENCES mfi_groups (client_id, id) ON DELETE RESTRICT
);
COMMENT ON TABLE mfi_users IS 'A client''s own staff. Credentials stay in Keycloak.';
CREATE INDEX mfi_users_group_idx ON mfi_users (client_id, group_id);
CREATE UNIQUE INDEX mfi_users_email_key ON mfi_users (client_id, lower(email));

CREATE TABLE mfi_platforms (
    -- CASCADE: a connection is part of its client.
    client_id          uuid        NOT NULL REFERENCES mfi_clients (id) ON DELETE CASCADE,
    -- RESTRICT: a platform that somebody is connected to is retired, not deleted.
    platform_id        uuid        NOT NULL REFERENCES digital_platforms (id) ON DELETE RESTRICT,
    environment        text        NOT NULL DEFAULT 'production'
        CHECK (environment IN ('production', 'sandbox')),
    status             text        NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'connected', 'suspended', 'ended')),
    external_reference text,
    api_key_sha256     bytea       CHECK (octet_length(api_key_sha256) = 32),
    connected_at       timestamptz,
    metadata           jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client_id, platform_id, environment),
    CHECK (status <> 'connected' OR connected_at IS NOT NULL)
);
COMMENT ON TABLE mfi_platforms IS 'Which client is connected to which platform.';
COMMENT ON COLUMN mfi_platforms.api_key_sha256 IS 'digest(key, ''sha256''): the key itself is never stored.';
CREATE INDEX mfi_platforms_platform_id_idx ON mfi_platforms (platform_id);
