import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { passfileEscape } from "../../contract/quoting";

/** A whole number from 1 to 65535: a TCP port. */
export const Port = z
  .int({ error: "must be a whole number from 1 to 65535, such as 5432" })
  .min(1, "must be a whole number from 1 to 65535, such as 5432")
  .max(65535, "must be a whole number from 1 to 65535, such as 5432");

/** A host name or an IP address, without scheme, port or path. */
export const Host = z
  .string({ error: "must be a host name or an IP address, such as 192.168.1.20" })
  .regex(
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:]+$/,
    "must be a host name or an IP address without scheme and port, such as 192.168.1.20",
  )
  .meta({ values: "host name or IP address" });

/** An IP address of the engine's machine that published ports listen on. */
export const BindAddress = z
  .union([z.ipv4(), z.ipv6()], {
    error: "must be an IP address of the engine's machine, such as 127.0.0.1",
  })
  .meta({ values: "IP address" });

/** Whether an address means every address of the machine. */
export const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";

/** Whether only the machine itself reaches an address. */
export const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);

/** A network in CIDR form. */
export const Network = z
  .union([z.cidrv4(), z.cidrv6()], {
    error: "must be a network in CIDR form, such as 192.168.1.0/24",
  })
  .meta({ values: "networks in CIDR form" });

/** Where a Docker engine listens. */
export const DockerHost = z
  .string({ error: "must be the address of a Docker engine, such as ssh://media@nas.local" })
  .regex(
    /^(unix:\/\/\/|npipe:\/\/|tcp:\/\/|ssh:\/\/)\S+$/,
    "must be the address of a Docker engine: ssh://user@host, tcp://host:port or unix:///path",
  )
  .meta({ values: "`ssh://user@host`, `tcp://host:port` or `unix:///path`" });

/** A time zone of the IANA database. */
export const TimeZone = z
  .string({ error: "must be an IANA time zone, such as Europe/London" })
  .refine(isTimeZone, "must be an IANA time zone, such as Europe/London")
  .meta({ values: "IANA time zone" });

/** The name of a database: every text that PostgreSQL takes, with spaces and capitals too. */
export const DatabaseName = z
  .string({ error: "must be the name of a database, such as ResolveProjects" })
  .refine((name) => name !== "" && Buffer.byteLength(name) <= 63 && !/[\0\n\r]/.test(name), {
    error: "must be the name of a database: 1 to 63 bytes on one line, such as ResolveProjects",
  })
  .refine((name) => !/^template[01]$/.test(name), {
    error: "must not be a template database; name one with your data, such as ResolveProjects",
  })
  .meta({ values: "database names" });

/** A size as PostgreSQL writes it, in MB, GB or TB. */
export const Size = z
  .string({ error: "must be a size such as 10GB" })
  .regex(/^[1-9][0-9]{0,6}(MB|GB|TB)$/, "must be a size in MB, GB or TB, such as 10GB")
  .meta({ values: "size in MB, GB or TB" });

/** The megabytes of a `Size`. */
export function megabytes(size: string): number {
  const unit = { MB: 1, GB: 1024, TB: 1024 * 1024 }[size.slice(-2)] ?? 1;
  return Number.parseInt(size, 10) * unit;
}

/** A share of a file system, or a size. */
export const ShareOrSize = z
  .string({ error: "must be a share or a size, such as 10% or 20GB" })
  .regex(
    /^([0-9]|[1-8][0-9]|90)%$|^[1-9][0-9]{0,6}(MB|GB|TB)$/,
    "must be a share up to 90%, or a size in MB, GB or TB, such as 10% or 20GB",
  )
  .meta({ values: "share in %, or size in MB, GB or TB" });

/** A span of time, in seconds, minutes or hours. */
export const Duration = z
  .string({ error: "must be a time such as 50m" })
  .regex(/^[1-9][0-9]{0,4}[smh]$/, "must be a time in s, m or h, such as 50m")
  .meta({ values: "time in s, m or h" });

/** The seconds of a `Duration`. */
export function seconds(duration: string): number {
  const unit = { s: 1, m: 60, h: 3600 }[duration.slice(-1)] ?? 1;
  return Number.parseInt(duration, 10) * unit;
}

/** A folder of the engine's machine. */
export const HostFolder = z
  .string({ error: "must be a folder, such as /srv/backups" })
  .regex(/^[^\0\n\r:]+$/, "must be a folder without a colon, such as /srv/backups")
  .regex(
    /^(?!~(?:\/|$))/,
    "must be a folder such as /srv/backups: ~ stands for no home here, so write it in full",
  )
  .meta({ values: "folder" });

/** A line of a passfile. PostgreSQL manual 34.16. */
export function passfileLine(fields: readonly string[]): string {
  return `${fields.map(passfileEscape).join(":")}\n`;
}

/** An absolute path on the primary. */
export const AbsolutePath = z
  .string({ error: "must be an absolute path, such as /srv/fast" })
  .regex(/^\/[^\0\n\r]*$/, "must be an absolute path, such as /srv/fast")
  .meta({ values: "absolute path" });

/**
 * A secret text. The parser returns a secret Output, so nobody can forget that it is one. In the stack
 * file it is written by `pulumi config set --secret`.
 */
export const SecretText = z
  .string({ error: "must be a text, set with `pulumi config set --secret --path`" })
  .min(1, "must not be empty; set it with `pulumi config set --secret --path`")
  .meta({ secret: true })
  .transform((text) => pulumi.secret(text));

/** Some programs take an offset such as +01:00. It is not a time zone: it has no summer time. */
function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    // The containers look for a file of exactly that name, and silently take UTC without it.
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
