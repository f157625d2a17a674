import { dumpRoleSince } from "../../contract/names";
import { megabytes } from "../schema/primitives";
import type { PrimaryConfig } from "./schema";

/** The rules of a primary: one sentence for each that is broken, without its full stop. */
export function primaryRules(primary: PrimaryConfig): string[] {
  return [...slotRetention(primary), ...superuserPassword(primary), ...containerAddress(primary)];
}

/** The names of databases that are in the list twice. */
export function databasesTwice({ databases }: PrimaryConfig): string[] {
  if (databases === "*") return [];
  return databases
    .filter((name, i) => databases.indexOf(name) !== i)
    .map((name) => `laterbase:primary.databases names "${name}" twice; once is enough`);
}

function slotRetention({ slotRetention }: PrimaryConfig): string[] {
  const size = megabytes(slotRetention);
  if (size >= 256 && size <= 2147483647) return [];
  const why = size < 256 ? "less than 16 WAL segments" : "more than PostgreSQL takes";
  return [`laterbase:primary.slotRetention must be at least 256MB, such as 10GB; it is ${why}`];
}

function superuserPassword(primary: PrimaryConfig): string[] {
  if (primary.kind !== "external" || primary.superuser.password !== undefined) return [];
  if (primary.access.kind === "ssh" && primary.access.sudo) return [];
  return [
    "laterbase:primary.superuser.password must be set, by `pulumi config set --secret --path " +
      "'laterbase:primary.superuser.password'`; only access by ssh with sudo does without",
  ];
}

/** What logs in as the superuser needs its password, although the steps by SSH and sudo do without. */
export function superuserLogins({ primary, dumps, pgAdmin }: LoginsConfig): string[] {
  if (primary.kind !== "external" || primary.superuser.password !== undefined) return [];
  if (superuserPassword(primary).length > 0) return [];
  const { version } = primary;
  const reasons = [
    ...(dumps && version < dumpRoleSince
      ? [
          `laterbase:dumps is and laterbase:primary.version is ${version}: before PostgreSQL ${dumpRoleSince} no role ` +
            "only reads, so dumps log in as the superuser",
        ]
      : []),
    ...(pgAdmin?.superuser ? ["laterbase:pgAdmin.superuser is true"] : []),
  ];
  return reasons.map(
    (reason) =>
      `laterbase:primary.superuser.password must be set where ${reason}; set it by \`pulumi config set --secret --path ` +
      "'laterbase:primary.superuser.password'`",
  );
}

/** The keys by which something logs in as the superuser. */
interface LoginsConfig {
  /** `laterbase:primary`. */
  primary: PrimaryConfig;
  /** `laterbase:dumps`. Default: no dumps. */
  dumps?: object | undefined;
  /** `laterbase:pgAdmin`. Default: no pgAdmin. */
  pgAdmin?: { superuser: boolean } | undefined;
}

/** The address must mean the primary inside a container as well. */
function containerAddress(primary: PrimaryConfig): string[] {
  if (primary.kind !== "external") return [];
  const { host } = primary;
  if (/^(localhost|127\..*|::1)$/i.test(host)) {
    return [
      "laterbase:primary.host must be an address at which containers reach the primary, such as " +
        `192.168.1.20; it is ${host}, which is the container itself`,
    ];
  }
  if (/\.local$/i.test(host)) {
    return [
      `laterbase:primary.host must be an address that stays, such as 192.168.1.20, or a name that the ` +
        `router knows; ${host} is announced by Bonjour, which containers do not hear`,
    ];
  }
  return [];
}
