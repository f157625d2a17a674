import type * as pulumi from "@pulumi/pulumi";

/** The user that Duplicati runs as. It owns its data and its secrets, and nothing else. */
export const duplicatiUser = "8200";

/** The program that starts Duplicati, its health check and its secrets. Only its user reads the secrets. */
export function uploads(settingsKey: pulumi.Input<string>, password: pulumi.Input<string>) {
  return [
    upload("start", startScript, "0555"),
    upload("health", healthScript, "0555"),
    upload("settings-key", settingsKey, "0400"),
    upload("web-password", password, "0400"),
  ];
}

const upload = (name: string, content: pulumi.Input<string>, permissions: string) => ({
  file: `/etc/laterbase/${name}`,
  content,
  permissions,
  owner: duplicatiUser,
  group: duplicatiUser,
});

/** @param hosts the names under which its page may be opened, besides addresses */
export const environment = (timeZone: string, hosts: readonly string[]): string[] => [
  `TZ=${timeZone}`,
  // Its user is in no list of the image, and Docker would say that its home is /.
  "HOME=/data",
  "DUPLICATI__DISABLE_UPDATE_CHECK=true",
  "DUPLICATI__REQUIRE_DB_ENCRYPTION_KEY=true",
  // It refuses a request with any other name, but not one with an address.
  `DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES=${[...new Set(hosts)].join(";")}`,
  `DUPLICATI__WEBSERVICE_TIMEZONE=${timeZone}`,
];

export const healthcheck = {
  tests: ["CMD", "/etc/laterbase/health"],
  interval: "30s",
  timeout: "5s",
  startPeriod: "60s",
  retries: 3,
};

/** Duplicati reads both from its environment only. Exported in here, `docker inspect` shows neither. */
const startScript = `#!/bin/bash
set -euo pipefail
SETTINGS_ENCRYPTION_KEY=$(</etc/laterbase/settings-key)
DUPLICATI__WEBSERVICE_PASSWORD=$(</etc/laterbase/web-password)
export SETTINGS_ENCRYPTION_KEY DUPLICATI__WEBSERVICE_PASSWORD
exec /run-as-user.sh "$@"
`;

/** By bash alone, which every Debian has. */
const healthScript = `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/8200 || exit 1
printf 'GET /health HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3
IFS= read -r -t 4 status <&3 || exit 1
printf '%s\\n' "$status"
[[ $status == 'HTTP/1.1 200'* ]]
`;
