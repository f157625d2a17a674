import { containerName, socketFolder } from "../../../contract/names";
import type { PrimarySettings } from "../settings";

/** Where `observe` runs: in a running container, or on the primary's own machine. */
export type ObservationPlace =
  | { kind: "container"; engine?: string; container: string }
  | { kind: "ssh"; host: string; port: number; user: string; privateKey: string; hostKey: string };

/** A value, or an Output of one. */
type Later<T> = T | { apply(next: (value: T) => void): unknown };

/** The part of a stack's configuration that says where its primary is, and how to observe it. */
export interface StackConfig {
  dockerHost?: string | undefined;
  primary:
    | { kind: "managed"; version: number; settings?: Readonly<Record<string, string>> | undefined }
    | {
        kind: "external";
        host: string;
        port: number;
        version: number;
        superuser: { name: string; password?: Later<string> | undefined };
        access:
          | { kind: "sql" }
          | {
              kind: "ssh";
              user: string;
              port: number;
              privateKey: Later<string>;
              hostKey: string;
              sudo: boolean | string;
              psql?: string | undefined;
            };
      };
  standbys: { name: string; dockerHost?: string | undefined }[];
  /** `laterbase:dumps`. Absent when the stack makes none. */
  dumps?: object | undefined;
  /** `laterbase:backups`. Absent when the stack has none. */
  backups?: { repositories: readonly { type: string }[] } | undefined;
  /** `laterbase:pgAdmin`. Absent when the stack has none. */
  pgAdmin?: { superuser: boolean } | undefined;
  /** `laterbase:health`. Absent when the stack has none. */
  health?: object | undefined;
}

/** Where a stack's primary is observed from, and the login that observes it. */
export async function observationPlace(
  { primary, dockerHost, standbys }: StackConfig,
  prefix: string,
  common: Pick<PrimarySettings, "stack" | "role" | "database">,
): Promise<{ place: ObservationPlace; settings: PrimarySettings }> {
  const { version } = primary;
  if (primary.kind === "managed") {
    // Its own socket asks for no password.
    return {
      place: container(containerName(prefix, "primary"), dockerHost),
      settings: {
        ...common,
        version,
        host: socketFolder("primary"),
        port: 5432,
        superuser: "postgres",
        superuserPassword: "",
        transport: { kind: "sql" },
      },
    };
  }
  const { host, port, superuser, access } = primary;
  const settings = {
    ...common,
    version,
    host,
    port,
    superuser: superuser.name,
    superuserPassword: (await value(superuser.password)) ?? "",
    transport: access as PrimarySettings["transport"],
  };
  const standby = standbys[0];
  if (access.kind === "ssh") {
    const { user, hostKey } = access;
    const privateKey = await value(access.privateKey);
    return {
      place: { kind: "ssh", host, port: access.port, user, privateKey, hostKey },
      settings,
    };
  }
  return {
    place: container(containerName(prefix, standby?.name ?? ""), standby?.dockerHost ?? dockerHost),
    settings,
  };
}

function container(name: string, engine: string | undefined): ObservationPlace {
  return { kind: "container", container: name, ...(engine ? { engine } : {}) };
}

function value<T>(later: Later<T>): Promise<T> {
  if (typeof later !== "object" || later === null || !("apply" in later)) {
    return Promise.resolve(later);
  }
  return new Promise((resolve) => later.apply(resolve));
}
