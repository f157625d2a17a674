-- mfi_banking: module Platforms. Before the MFIs, which are connected to them.

CREATE TABLE digital_platforms (
    id         uuid        PRIMARY KEY DEFAULT uuid_generate_v4(),
    -- RESTRICT: reference data in use stays.
    type_id    smallint    NOT NULL REFERENCES platform_type (id) ON DELETE RESTRICT,
    code       text        NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9-]*$'),
    name       text        NOT NULL,
    vendor     text        NOT NULL,
    version    text,
    base_url   text        CHECK (base_url ~ '^https://'),
    status     text        NOT NULL DEFAULT 'active' CHECK (status IN ('planned', 'active', 'retired')),
    metadata   jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE digital_platforms IS 'Core banking, mobile money and other systems that clients connect to.';
COMMENT ON COLUMN digital_platforms.metadata IS 'Capabilities; searched with @> ("which platforms can do X").';
CREATE INDEX digital_platforms_type_id_idx ON digital_platforms (type_id);
CREATE INDEX digital_platforms_metadata_idx ON digital_platforms USING gin (metadata jsonb_path_ops);
