import * as pulumi from "@pulumi/pulumi";
import { type HealthConfig, healthFiles } from "../../contract/health/config";
import { type File, uploadsOf } from "../kit/container";
import { passfileLine } from "../schema/primitives";
import type { NotifyConfig } from "./notifySchema";
import type { HealthSettings } from "./schema";

/** What the monitor's files are made of. A change replaces the container and keeps the history. */
export interface Contents {
  /** Everything that is no secret, but the certificates. */
  config: Omit<HealthConfig, "certificates">;
  /** PEM of certificates that expire, by what they belong to. */
  certificates: Readonly<Record<string, pulumi.Input<string>>>;
  /** The password of the monitor's role on every server. */
  password: pulumi.Input<string>;
  /** The password of the pooler's console. Default: there is no pooler. */
  poolerPassword?: pulumi.Input<string> | undefined;
  /** What the agent asks for. Default: there is no agent. */
  agentToken?: pulumi.Input<string> | undefined;
  /** What the monitor itself asks for, where messages go, and what is pinged. */
  settings: Pick<HealthSettings, "token" | "notify" | "pings">;
}

/** The monitor's files. Only its own user reads the secret ones. */
export function uploads(contents: Contents) {
  const { config, certificates, settings, poolerPassword, agentToken } = contents;
  const secret = (name: string, content: pulumi.Input<string> | undefined): File[] =>
    content === undefined ? [] : [{ name, content, mode: "0400" }];
  const own = pulumi
    .output(certificates)
    .apply((known) => `${JSON.stringify({ ...config, certificates: known }, null, 2)}\n`);
  return uploadsOf([
    { name: healthFiles.config, content: own },
    ...secret(healthFiles.passfile, renderPassfile(contents)),
    ...secret(healthFiles.poolerPassword, poolerPassword),
    ...secret(healthFiles.agentToken, agentToken),
    ...secret(healthFiles.token, settings.token),
    ...secret(healthFiles.notify, json(settings.notify satisfies readonly NotifyConfig[])),
    ...secret(healthFiles.pings, json(settings.pings)),
  ]);
}

/** A line for each server, whatever the database. */
export function renderPassfile({
  config: { primary, standbys, role },
  password,
}: Pick<Contents, "config" | "password">): pulumi.Output<string> {
  return pulumi
    .secret(password)
    .apply((text) =>
      [primary, ...standbys]
        .map(({ host, port }) => passfileLine([host, String(port), "*", role, text]))
        .join(""),
    );
}

/** Secrets in it are known when it is rendered. */
const json = (value: object): pulumi.Output<string> =>
  pulumi.secret(pulumi.output(value).apply((known) => `${JSON.stringify(known, null, 2)}\n`));
