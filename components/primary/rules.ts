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
