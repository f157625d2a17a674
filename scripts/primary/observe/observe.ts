import { drift } from "./drift";
import { look, type Lookout } from "./run";
import {
  containerName,
  dumpRoleName,
  dumpRoleSince,
  ownerName,
  roleName,
  slotName,
  stackPrefix,
  superuserRecord,
} from "../../../contract/names";
import { orderDrift } from "./collationDrift";
import { stepScript } from "../script";
import type { Observation } from "./observation";
import type { PrimarySettings } from "../settings";

const limit = 5000;

/**
 * What of ours is on the primary now, or undefined when it does not answer within 5 s. Runs in
 * every preview, so nothing is loaded before it is needed. Of a refused password `warn` is told: it
 * does not mend itself, as a primary does that is asleep.
 */
export async function observePrimary(
  lookout: Lookout,
  settings: PrimarySettings,
  slots: string[],
  login?: string,
  warn: (sentence: string) => void = () => undefined,
): Promise<Observation | undefined> {
  const script = stepScript("observe", settings, { slots, ...(login ? { login } : {}) });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), limit);
  try {
    const said = await Promise.race([
      look(lookout, script, abort.signal),
      new Promise<never>((_, reject) =>
        abort.signal.addEventListener("abort", () => reject(new Error("no answer in time"))),
      ),
    ]);
    if (said.code === 0) return JSON.parse(said.stdout) as Observation;
    const refused = /^The primary at .* refused the password of .*(?=\.$)/m.exec(said.stderr);
    if (refused) warn(`${refused[0]}: set laterbase:primary.superuser.password to the new one.`);
    return undefined;
  } catch {
    // Not there, asleep, or refused: the last known state stands.
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** A value, or an Output of one. */
type Later<T> = T | { apply(next: (value: T) => void): unknown };

/** What of a stack's configuration tells where its primary is, and how to look at it. */
export interface StackConfig {
  dockerHost?: string | undefined;
  primary:
    | { kind: "managed"; version: number }
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
  /** `laterbase:dumps`, where the stack makes any. */
  dumps?: object | undefined;
}

/** What was changed on a stack's primary behind its back, a sentence by step. */
export async function observedDrift(
  config: StackConfig,
  { project, stack }: { project: string; stack: string },
  /** Gets a sentence about what an `up` with nothing to do would not meet. */
  warn?: (sentence: string) => void,
): Promise<Record<string, string>> {
  const prefix = stackPrefix(project, stack);
  const role = roleName(stack);
  const slots = Object.fromEntries(config.standbys.map(({ name }) => [name, slotName(name)]));
  const common = { stack: ownerName(project, stack), role, database: "postgres" };
  const { lookout, settings } = await outlook(config, prefix, common);
  const login = config.primary.kind === "managed" ? superuserRecord : undefined;
  const [seen, orders] = await Promise.all([
    observePrimary(lookout, settings, Object.values(slots), login, warn),
    orderDrift(config, prefix),
  ]);
  const dumps = config.dumps && config.primary.version >= dumpRoleSince;
  const dumpRole = dumps ? { dumpRole: dumpRoleName(stack) } : {};
  const expected = { owner: common.stack, role, ...dumpRole, slots };
  const found = { ...(seen ? drift(expected, seen) : {}), ...orders };
  // The state keeps the last sentence: without its time, the same change made again later would
  // look like the one that was mended.
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  return Object.fromEntries(
    Object.entries(found).map(([step, sentence]) => [step, `${sentence} (seen ${at})`]),
  );
}

/** Where to look at a stack's primary from, and who looks. */
export async function outlook(
  { primary, dockerHost, standbys }: StackConfig,
  prefix: string,
  common: Pick<PrimarySettings, "stack" | "role" | "database">,
): Promise<{ lookout: Lookout; settings: PrimarySettings }> {
  const { version } = primary;
  if (primary.kind === "managed") {
    // Through its own socket nobody asks for a password.
    return {
      lookout: container(containerName(prefix, "primary"), dockerHost),
      settings: {
        ...common,
        version,
        host: "/run/pg/primary",
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
      lookout: { kind: "ssh", host, port: access.port, user, privateKey, hostKey },
      settings,
    };
  }
  return {
    lookout: container(
      containerName(prefix, standby?.name ?? ""),
      standby?.dockerHost ?? dockerHost,
    ),
    settings,
  };
}

function container(name: string, engine: string | undefined): Lookout {
  return { kind: "container", container: name, ...(engine ? { engine } : {}) };
}

function value<T>(later: Later<T>): Promise<T> {
  if (typeof later !== "object" || later === null || !("apply" in later)) {
    return Promise.resolve(later);
  }
  return new Promise((resolve) => later.apply(resolve));
}
