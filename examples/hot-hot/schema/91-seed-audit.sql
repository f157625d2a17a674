-- mfi_banking: two weeks of invented traces, inserted in the order of time, as real ones would be.

INSERT INTO user_auth_logs (occurred_at, portal_user_id, mfi_user_id, username, event, succeeded,
                            ip_address, user_agent, session_sha256)
SELECT day + time '06:00' + (row_number() OVER (PARTITION BY day ORDER BY u.username)) * interval '7 minutes',
       u.portal_user_id, u.mfi_user_id, u.username, 'login', true,
       inet '192.0.2.0' + (row_number() OVER (ORDER BY u.username, day) % 200 + 1),
       'Mozilla/5.0', digest(u.username || day::text, 'sha256')
FROM generate_series(timestamptz '2025-12-29 00:00:00+00', timestamptz '2026-01-11 00:00:00+00', interval '1 day') AS day
CROSS JOIN (
    SELECT id AS portal_user_id, NULL::uuid AS mfi_user_id, username FROM portal_users WHERE status = 'active'
    UNION ALL
    SELECT NULL, id, username FROM mfi_users WHERE status = 'active'
) AS u
ORDER BY 1;

INSERT INTO user_auth_logs (occurred_at, username, event, succeeded, ip_address, metadata)
SELECT timestamptz '2026-01-11 23:10:00+00' + attempt * interval '3 seconds', 'administrator',
       'login_failed', false, inet '198.51.100.23', jsonb_build_object('reason', 'unknown user', 'attempt', attempt)
FROM generate_series(1, 12) AS attempt;

INSERT INTO admin_event_logs (occurred_at, actor_id, operation, resource_type, resource_id, details)
SELECT seed.occurred_at::timestamptz, u.id, operation, resource_type, resource_id, details::jsonb
FROM (VALUES
    ('2025-09-30 15:00:00+00', 'amina.yusuf',   'update', 'portal_users',  'mei.tan',
        '{"status": {"from": "active", "to": "suspended"}, "reason": "on leave"}'),
    ('2025-11-03 08:30:00+00', 'jonas.weber',   'update', 'mfi_clients',   'TZ-0001',
        '{"status": {"from": "active", "to": "suspended"}, "reason": "licence under review"}'),
    ('2026-01-05 10:12:00+00', 'grace.wanjiru', 'create', 'portal_users',  'lucy.achieng',
        '{"status": {"to": "invited"}, "groups": ["auditors"]}'),
    ('2026-01-08 13:45:00+00', 'kwame.asante',  'action', 'mfi_clients',   'GH-0002',
        '{"action": "start onboarding"}')
) AS seed (occurred_at, actor, operation, resource_type, resource_id, details)
JOIN portal_users u ON u.username = seed.actor
ORDER BY 1;

INSERT INTO user_activity_logs (occurred_at, user_id, activity_type_id, duration_ms, metadata)
SELECT day + time '08:00' + row_number() OVER (PARTITION BY day ORDER BY u.username, t.code) * interval '3 minutes',
       u.id, t.id, 20 + t.id * 15, jsonb_build_object('source', 'portal', 'screen', t.category)
FROM generate_series(timestamptz '2025-12-29 00:00:00+00', timestamptz '2026-01-11 00:00:00+00', interval '1 day') AS day
CROSS JOIN (SELECT id, username FROM portal_users WHERE status = 'active') AS u
CROSS JOIN (SELECT id, code, category FROM activity_type WHERE category IN ('read', 'write')) AS t
ORDER BY 1;

INSERT INTO mfi_user_activity_logs (occurred_at, user_id, activity_type_id, platform_id, duration_ms, metadata)
SELECT day + time '08:00' + row_number() OVER (PARTITION BY day ORDER BY u.username, t.code) * interval '4 minutes',
       u.id, t.id, platform.platform_id, 35 + t.id * 10,
       jsonb_build_object('source', 'mobile', 'client', c.code)
FROM generate_series(timestamptz '2025-12-29 00:00:00+00', timestamptz '2026-01-11 00:00:00+00', interval '1 day') AS day
CROSS JOIN (SELECT id, username, client_id FROM mfi_users WHERE status = 'active') AS u
JOIN mfi_clients c ON c.id = u.client_id
CROSS JOIN (SELECT id, code FROM activity_type WHERE category = 'write') AS t
LEFT JOIN LATERAL (
    SELECT mp.platform_id FROM mfi_platforms mp
    WHERE mp.client_id = c.id AND mp.status = 'connected' ORDER BY mp.connected_at LIMIT 1
) AS platform ON true
ORDER BY 1;
