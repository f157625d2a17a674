import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { PgAdminServerOutput } from "../../contract/stackOutputs";
import { passfileLine } from "../schema/primitives";
import type { Hosts } from "./hosts";

/** What pgAdmin's files are made of. A change replaces the container and keeps what people saved. */
export interface Contents {
  /** `<project>-<stack>`, for the name of the cookie. */
  prefix: string;
  /** The login to pgAdmin. */
  email: string;
  /** The password of the login to pgAdmin. */
  password: pulumi.Input<string>;
  /** The hosts that the page answers to. */
  hosts: Hosts;
  /** The servers in the tree. */
  servers: readonly PgAdminServerOutput[];
  /** The password of the login to the servers. Empty: pgAdmin asks for it. */
  serverPassword: pulumi.Input<string>;
}

/** The program that starts pgAdmin, and its settings. Only pgAdmin's own user reads the secrets. */
export function uploads(contents: Contents) {
  const { prefix, email, hosts, servers } = contents;
  const settings = { email, cookie: `pgadmin-${prefix}`, hosts, servers };
  return [
    upload("/etc/laterbase/start", text("start.sh"), "0555"),
    // `ready.ts` and operators call it by this name.
    upload("/usr/local/bin/laterbase-health", text("health.sh"), "0555"),
    ...sources.map((name) => upload(`/etc/laterbase/${name}`, text(name), "0444")),
    upload("/etc/laterbase/pgadmin.json", `${JSON.stringify(settings, null, 2)}\n`, "0444"),
    upload("/etc/laterbase/password", contents.password, "0400"),
    upload("/etc/laterbase/pgpass", renderPassfile(contents), "0400"),
  ];
}

const sources = [
  "config_distro.py",
  "laterbase_pgadmin.py",
  "laterbase_hosts.py",
  "laterbase_login.py",
  "laterbase_servers.py",
];

/** A line for each server, whatever the database. */
export function renderPassfile({
  servers,
  serverPassword,
}: Pick<Contents, "servers" | "serverPassword">): pulumi.Output<string> {
  return pulumi
    .secret(serverPassword)
    .apply((password) =>
      password === ""
        ? "# No password is configured.\n"
        : servers
            .map(({ host, port, username }) =>
              passfileLine([host, String(port), "*", username, password]),
            )
            .join(""),
    );
}

/** pgAdmin's user in its image, and the group of that. */
const owner = { owner: "5050", group: "0" };

const upload = (file: string, content: pulumi.Input<string>, permissions: string) => ({
  file,
  content,
  permissions,
  ...owner,
});

const text = (name: string): string => readFileSync(join(__dirname, "container", name), "utf8");

/** The first start makes pgAdmin's database: a minute on a slow disk. */
export const healthcheck = {
  tests: ["CMD", "/usr/local/bin/laterbase-health"],
  interval: "30s",
  timeout: "5s",
  startPeriod: "120s",
  retries: 3,
};
