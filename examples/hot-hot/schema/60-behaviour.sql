-- mfi_banking: triggers and views.

DO
$$
DECLARE
    stamped regclass;
BEGIN
    -- From the catalog and not from a list: a table that has the column cannot be forgotten.
    FOR stamped IN
        SELECT c.oid
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'updated_at' AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        ORDER BY c.relname
    LOOP
        EXECUTE format(
            'CREATE TRIGGER set_updated_at BEFORE UPDATE ON %s FOR EACH ROW '
            'WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at()', stamped);
    END LOOP;
END
$$;

CREATE VIEW v_active_portals AS
SELECT p.id,
       p.code,
       p.name,
       p.base_url,
       co.iso2 AS country,
       count(u.id)                                    AS users,
       count(u.id) FILTER (WHERE u.status = 'active') AS active_users,
       max(u.last_login_at)                           AS last_login_at
FROM portals p
LEFT JOIN mfi_country co ON co.id = p.country_id
LEFT JOIN portal_users u ON u.portal_id = p.id
WHERE p.is_active
GROUP BY p.id, co.iso2;
COMMENT ON VIEW v_active_portals IS 'Active portals with the number of their users.';

CREATE VIEW v_mfi_platforms_summary AS
SELECT c.id,
       c.code,
       coalesce(c.trading_name, c.legal_name) AS client,
       co.iso2                                AS country,
       t.code                                 AS mfi_type,
       c.status,
       count(mp.platform_id)                                        AS platforms,
       count(mp.platform_id) FILTER (WHERE mp.status = 'connected') AS connected,
       string_agg(DISTINCT dp.name, ', ' ORDER BY dp.name)          AS platform_names
FROM mfi_clients c
JOIN mfi_country co ON co.id = c.country_id
JOIN mfi_type t ON t.id = c.type_id
LEFT JOIN mfi_platforms mp ON mp.client_id = c.id AND mp.status <> 'ended'
LEFT JOIN digital_platforms dp ON dp.id = mp.platform_id
GROUP BY c.id, co.iso2, t.code;
COMMENT ON VIEW v_mfi_platforms_summary IS 'Clients with the platforms assigned to them, connections that ended left out.';

CREATE VIEW v_user_group_assignments AS
SELECT u.id AS user_id,
       p.code AS portal,
       u.username,
       u.full_name,
       u.status,
       g.id   AS group_id,
       g.name AS group_name,
       g.path AS group_path,
       ug.assigned_at,
       ug.expires_at,
       a.username AS assigned_by
FROM user_groups ug
JOIN portal_users u ON u.id = ug.user_id
JOIN portal_groups g ON g.id = ug.group_id
JOIN portals p ON p.id = ug.portal_id
LEFT JOIN portal_users a ON a.id = ug.assigned_by
WHERE ug.expires_at IS NULL OR ug.expires_at > now();
COMMENT ON VIEW v_user_group_assignments IS 'Users with the groups that they are in now.';
