-- mfi_banking: seed data. The reference tables are meant to be kept; portals, clients, users and logs
-- are a small invented example, so that every view and every index has something to show.
-- Ids come from uuid_generate_v5() over a readable name: the same file gives the same ids everywhere.

INSERT INTO activity_type (code, name, category, description) VALUES
    ('login',            'Log in',              'session',        'A session begins'),
    ('logout',           'Log out',             'session',        'A session ends by the user''s own act'),
    ('view_record',      'View a record',       'read',           'A single client, loan or account is opened'),
    ('search',           'Search',              'read',           'A list is filtered or searched'),
    ('export_report',    'Export a report',     'read',           'Data leaves the system as a file'),
    ('create_record',    'Create a record',     'write',          'A new client, loan or account'),
    ('update_record',    'Change a record',     'write',          'Fields of an existing record change'),
    ('approve_request',  'Approve a request',   'write',          'The second pair of eyes agrees'),
    ('upload_document',  'Upload a document',   'write',          'A file is attached to a record'),
    ('manage_users',     'Manage users',        'administration', 'Invite, suspend or close a user'),
    ('manage_groups',    'Manage groups',       'administration', 'Memberships change'),
    ('change_settings',  'Change settings',     'administration', 'A portal''s or a client''s settings change');

INSERT INTO mfi_country (iso2, iso3, name, currency_code, dialling_code, time_zone) VALUES
    ('GH', 'GHA', 'Ghana',        'GHS', '+233', 'Africa/Accra'),
    ('IN', 'IND', 'India',        'INR', '+91',  'Asia/Kolkata'),
    ('KE', 'KEN', 'Kenya',        'KES', '+254', 'Africa/Nairobi'),
    ('KH', 'KHM', 'Cambodia',     'KHR', '+855', 'Asia/Phnom_Penh'),
    ('NG', 'NGA', 'Nigeria',      'NGN', '+234', 'Africa/Lagos'),
    ('PE', 'PER', 'Peru',         'PEN', '+51',  'America/Lima'),
    ('PH', 'PHL', 'Philippines',  'PHP', '+63',  'Asia/Manila'),
    ('RW', 'RWA', 'Rwanda',       'RWF', '+250', 'Africa/Kigali'),
    ('SN', 'SEN', 'Senegal',      'XOF', '+221', 'Africa/Dakar'),
    ('TG', 'TGO', 'Togo',         'XOF', '+228', 'Africa/Lome'),
    ('TZ', 'TZA', 'Tanzania',     'TZS', '+255', 'Africa/Dar_es_Salaam'),
    ('UG', 'UGA', 'Uganda',       'UGX', '+256', 'Africa/Kampala');

INSERT INTO mfi_type (code, name, takes_deposits, description) VALUES
    ('microfinance_bank',  'Microfinance bank',               true,  'Licensed and supervised by the central bank'),
    ('cooperative',        'Savings and credit cooperative',  true,  'Owned by its members; takes deposits from them only'),
    ('nbfc',               'Non-bank finance company',        false, 'Lends its own and borrowed funds'),
    ('ngo',                'Non-governmental organisation',   false, 'Lends donor funds; no deposits'),
    ('credit_only',        'Credit-only institution',         false, 'A company that gives small loans'),
    ('savings_group',      'Village savings and loan group',  true,  'Informal group with an appointed agent');

INSERT INTO platform_type (code, name, description) VALUES
    ('core_banking',   'Core banking',          'Ledger, loans and savings'),
    ('mobile_money',   'Mobile money',          'Disbursement and repayment by telephone'),
    ('agent_banking',  'Agent banking',         'Cash in and out through agents'),
    ('credit_bureau',  'Credit bureau',         'Scores and reports on borrowers'),
    ('identity',       'Identity verification', 'Know-your-customer checks'),
    ('payment_switch', 'Payment switch',        'Transfers between institutions'),
    ('messaging',      'Messaging',             'SMS and USSD');

INSERT INTO portals (id, code, name, base_url, country_id, is_active, metadata)
SELECT uuid_generate_v5(uuid_ns_dns(), code || '.portal.example.org'), code, name,
       'https://' || code || '.portal.example.org',
       (SELECT id FROM mfi_country WHERE iso2 = country), is_active, metadata::jsonb
FROM (VALUES
    ('hub',   'MFI Hub',           NULL, true,  '{"theme": "teal", "languages": ["en", "fr"], "mfa": "required"}'),
    ('kenya', 'MFI Portal Kenya',  'KE', true,  '{"theme": "green", "languages": ["en", "sw"], "mfa": "optional"}'),
    ('ghana', 'MFI Portal Ghana',  'GH', true,  '{"theme": "gold", "languages": ["en"], "mfa": "optional"}'),
    ('pilot', 'Pilot 2019',        'UG', false, '{"theme": "grey", "languages": ["en"], "retired": "2021-06-30"}')
) AS seed (code, name, country, is_active, metadata);

INSERT INTO portal_groups (id, portal_id, keycloak_group_id, name, path, description)
SELECT uuid_generate_v5(p.id, 'group/' || g.name), p.id,
       uuid_generate_v5(p.id, 'keycloak/group/' || g.name), g.name, '/' || p.code || '/' || g.name, g.description
FROM portals p
CROSS JOIN (VALUES
    ('administrators', 'Users, groups and settings'),
    ('operations',     'Onboarding and connections of clients'),
    ('auditors',       'Read everything, change nothing')
) AS g (name, description)
WHERE p.is_active;

INSERT INTO portal_users (id, portal_id, keycloak_user_id, username, email, full_name, status, last_login_at)
SELECT uuid_generate_v5(p.id, 'user/' || username), p.id, uuid_generate_v5(p.id, 'keycloak/user/' || username),
       username, username || '@example.org', full_name, status, last_login_at::timestamptz
FROM (VALUES
    ('hub',   'amina.yusuf',    'Amina Yusuf',    'active',    '2026-01-12 08:15:00+00'),
    ('hub',   'jonas.weber',    'Jonas Weber',    'active',    '2026-01-12 07:58:00+00'),
    ('hub',   'mei.tan',        'Mei Tan',        'suspended', '2025-09-30 14:02:00+00'),
    ('kenya', 'grace.wanjiru',  'Grace Wanjirũ',  'active',    '2026-01-11 06:40:00+00'),
    ('kenya', 'peter.otieno',   'Peter Otieno',   'active',    '2026-01-09 11:21:00+00'),
    ('kenya', 'lucy.achieng',   'Lucy Achieng',   'invited',   NULL),
    ('ghana', 'kwame.asante',   'Kwame Asante',   'active',    '2026-01-10 09:05:00+00'),
    ('ghana', 'efua.mensah',    'Efua Mensah',    'closed',    '2024-12-20 16:45:00+00')
) AS seed (portal, username, full_name, status, last_login_at)
JOIN portals p ON p.code = seed.portal;

INSERT INTO user_groups (portal_id, user_id, group_id, assigned_by, assigned_at, expires_at)
SELECT u.portal_id, u.id, g.id, a.id, timestamptz '2025-03-03 09:00:00+00', seed.expires_at::timestamptz
FROM (VALUES
    ('amina.yusuf',   'administrators', NULL),
    ('amina.yusuf',   'operations',     NULL),
    ('jonas.weber',   'operations',     NULL),
    ('mei.tan',       'auditors',       '2025-10-01 00:00:00+00'), -- ended: not in the view
    ('grace.wanjiru', 'administrators', NULL),
    ('peter.otieno',  'operations',     NULL),
    ('lucy.achieng',  'auditors',       NULL),
    ('kwame.asante',  'administrators', NULL)
) AS seed (username, group_name, expires_at)
JOIN portal_users u ON u.username = seed.username
JOIN portal_groups g ON g.portal_id = u.portal_id AND g.name = seed.group_name
JOIN portal_users a ON a.username = 'amina.yusuf';

INSERT INTO digital_platforms (id, type_id, code, name, vendor, version, base_url, status, metadata)
SELECT uuid_generate_v5(uuid_ns_dns(), seed.code || '.platform.example.org'), t.id, seed.code, seed.name, vendor,
       version, 'https://' || seed.code || '.platform.example.org', status, seed.metadata::jsonb
FROM (VALUES
    ('core_banking',   'ledgerline',  'Ledgerline Core',   'Ledgerline Ltd',      '5.2',  'active',
        '{"protocols": ["rest", "iso20022"], "offline": true}'),
    ('mobile_money',   'pesaflow',    'PesaFlow',          'PesaFlow Africa',     '2024', 'active',
        '{"protocols": ["rest"], "currencies": ["KES", "TZS", "UGX"]}'),
    ('agent_banking',  'corner-cash', 'Corner Cash',       'Corner Networks',     '1.9',  'active',
        '{"protocols": ["rest", "ussd"], "offline": true}'),
    ('credit_bureau',  'clear-score', 'ClearScore Bureau', 'Clear Data plc',      NULL,   'active',
        '{"protocols": ["soap"]}'),
    ('identity',       'who-is-it',   'WhoIsIt',           'Identify Co-op',      '3.0',  'planned',
        '{"protocols": ["rest"], "documents": ["passport", "national_id"]}'),
    ('payment_switch', 'interlink',   'InterLink Switch',  'Regional Switch Ltd', '7.1',  'active',
        '{"protocols": ["iso8583", "iso20022"]}'),
    ('messaging',      'old-text',    'OldText Gateway',   'OldText',             '0.9',  'retired',
        '{"protocols": ["smpp"]}')
) AS seed (type, code, name, vendor, version, status, metadata)
JOIN platform_type t ON t.code = seed.type;

INSERT INTO mfi_clients (id, code, legal_name, trading_name, registration_number, country_id, type_id,
                         portal_id, status, contact_email, onboarded_on, metadata)
SELECT uuid_generate_v5(uuid_ns_dns(), lower(seed.code) || '.client.example.org'), seed.code, legal_name,
       trading_name, registration_number, co.id, t.id, p.id, status, 'office@' || lower(seed.code) || '.example.org',
       onboarded_on::date, seed.metadata::jsonb
FROM (VALUES
    ('KE-0001', 'Baraka Microfinance Bank Ltd', 'Baraka',       'C.118842',  'KE', 'microfinance_bank', 'kenya',
        'active',     '2021-02-15', '{"segments": ["women", "rural"], "branches": 24, "borrowers": 61200}'),
    ('KE-0002', 'Mlima Savings Cooperative',    'Mlima Sacco',  'CS/9021',   'KE', 'cooperative',       'kenya',
        'active',     '2022-08-01', '{"segments": ["agriculture", "rural"], "branches": 7, "borrowers": 9800}'),
    ('GH-0001', 'Adom Credit Company Ltd',      NULL,           'CS-4402/18','GH', 'credit_only',       'ghana',
        'active',     '2023-01-09', '{"segments": ["trade"], "branches": 3, "borrowers": 4100}'),
    ('GH-0002', 'Volta Women''s Initiative',    'Volta Women',  'NGO-771',   'GH', 'ngo',               'ghana',
        'onboarding', NULL,         '{"segments": ["women"], "branches": 1, "borrowers": 850}'),
    ('TZ-0001', 'Kilimo Finance plc',           'Kilimo',       '139-004',   'TZ', 'nbfc',              'hub',
        'suspended',  '2020-11-20', '{"segments": ["agriculture"], "branches": 11, "borrowers": 15300}'),
    ('PE-0001', 'Caja Rural Quilla S.A.',       'Caja Quilla',  '20-551203', 'PE', 'microfinance_bank', 'hub',
        'prospect',   NULL,         '{"segments": ["rural"], "branches": 5}')
) AS seed (code, legal_name, trading_name, registration_number, country, type, portal, status, onboarded_on, metadata)
JOIN mfi_country co ON co.iso2 = seed.country
JOIN mfi_type t ON t.code = seed.type
JOIN portals p ON p.code = seed.portal;

INSERT INTO mfi_groups (id, client_id, keycloak_group_id, name, path)
SELECT uuid_generate_v5(c.id, 'group/' || g.name), c.id, uuid_generate_v5(c.id, 'keycloak/group/' || g.name),
       g.name, '/clients/' || c.code || '/' || g.name
FROM mfi_clients c
CROSS JOIN (VALUES ('managers'), ('loan-officers')) AS g (name)
WHERE c.status <> 'prospect';

INSERT INTO mfi_users (id, client_id, group_id, keycloak_user_id, username, email, full_name, phone, status, last_login_at)
SELECT uuid_generate_v5(c.id, 'user/' || username), c.id, g.id, uuid_generate_v5(c.id, 'keycloak/user/' || username),
       username, username || '@' || lower(c.code) || '.example.org', full_name, phone, seed.status, last_login_at::timestamptz
FROM (VALUES
    ('KE-0001', 'managers',      'njeri.kamau',    'Njeri Kamau',    '+254700000101', 'active',    '2026-01-12 05:55:00+00'),
    ('KE-0001', 'loan-officers', 'brian.kiprop',   'Brian Kiprop',   '+254700000102', 'active',    '2026-01-12 06:10:00+00'),
    ('KE-0001', 'loan-officers', 'faith.mutua',    'Faith Mutua',    '+254700000103', 'active',    '2026-01-10 12:31:00+00'),
    ('KE-0002', 'managers',      'samuel.gitau',   'Samuel Gitaũ',   '+254700000201', 'active',    '2026-01-08 08:00:00+00'),
    ('GH-0001', 'managers',      'ama.boateng',    'Ama Boateng',    '+233200000101', 'active',    '2026-01-11 10:44:00+00'),
    ('GH-0002', 'managers',      'sena.dogbe',     'Sena Dɔgbe',     '+233200000201', 'invited',   NULL),
    ('TZ-0001', 'loan-officers', 'juma.mwakyusa',  'Juma Mwakyusa',  '+255700000101', 'suspended', '2025-11-02 07:20:00+00')
) AS seed (client, group_name, username, full_name, phone, status, last_login_at)
JOIN mfi_clients c ON c.code = seed.client
JOIN mfi_groups g ON g.client_id = c.id AND g.name = seed.group_name;

INSERT INTO mfi_platforms (client_id, platform_id, environment, status, external_reference, api_key_sha256, connected_at)
SELECT c.id, dp.id, environment, seed.status, external_reference,
       CASE WHEN seed.status = 'connected' THEN digest(gen_random_bytes(32), 'sha256') END,
       connected_at::timestamptz
FROM (VALUES
    ('KE-0001', 'ledgerline',  'production', 'connected', 'LL-KE-77',   '2021-03-01 10:00:00+00'),
    ('KE-0001', 'pesaflow',    'production', 'connected', 'PF-201188',  '2021-04-12 10:00:00+00'),
    ('KE-0001', 'clear-score', 'production', 'suspended', 'CS-5521',    '2022-01-18 10:00:00+00'),
    ('KE-0001', 'who-is-it',   'sandbox',    'pending',   NULL,         NULL),
    ('KE-0002', 'ledgerline',  'production', 'connected', 'LL-KE-81',   '2022-09-05 10:00:00+00'),
    ('KE-0002', 'old-text',    'production', 'ended',     'OT-14',      '2022-09-05 10:00:00+00'),
    ('GH-0001', 'corner-cash', 'production', 'connected', 'CC-GH-0003', '2023-02-20 10:00:00+00'),
    ('GH-0001', 'interlink',   'production', 'connected', 'IL-9917',    '2023-05-02 10:00:00+00'),
    ('GH-0002', 'ledgerline',  'sandbox',    'pending',   NULL,         NULL),
    ('TZ-0001', 'pesaflow',    'production', 'suspended', 'PF-201190',  '2020-12-01 10:00:00+00')
) AS seed (client, platform, environment, status, external_reference, connected_at)
JOIN mfi_clients c ON c.code = seed.client
JOIN digital_platforms dp ON dp.code = seed.platform;
