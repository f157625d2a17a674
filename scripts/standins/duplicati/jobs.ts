import { randomBytes } from "node:crypto";
import { posix } from "node:path";
import { type Filter, HttpError, type Job, type Setting } from "./shapes";
import { spanMs } from "./spans";
import type { Store } from "./store";

const mask = "***************";
const secretName = /passphrase|password|secret|access-key|accesskey|application-?key|authid/i;

/** `POST /backups` */
export function addJob(store: Store, input: unknown): Job {
  const job = read(input);
  refuseSameName(store, job);
  job.ID = String(++store.content.lastId);
  job.DBPath = posix.join(posix.dirname(store.file), `${randomBytes(5).toString("hex")}.sqlite`);
  store.content.jobs.push(validated(job));
  store.save();
  return job;
}

/** `PUT /backup/{id}`: masked values and missing metadata stay as they were. */
export function changeJob(store: Store, existing: Job, input: unknown): void {
  const { Metadata, ...job } = read(input);
  const changed = {
    ...unmasked(job, existing),
    ID: existing.ID,
    DBPath: existing.DBPath,
    Metadata: metadataIn(input) ? Metadata : existing.Metadata,
  };
  refuseSameName(store, changed);
  Object.assign(existing, validated(changed));
  store.save();
}

/** A job in the form of `GET`, with masked secrets. */
export function shown(job: Job): object {
  return {
    ...job,
    Schedule: undefined,
    ExternalID: null,
    IsTemporary: false,
    IsUnencryptedOrPassphraseStored: true,
    DBPathExists: true,
    AdditionalTargetURLs: [],
    TargetURL: maskedUrl(job.TargetURL),
    Settings: job.Settings.map((one) => ({
      ...one,
      Value: secretName.test(one.Name) ? mask : one.Value,
    })),
  };
}

function read(input: unknown): Job {
  const body = input as { Backup?: Partial<Job>; Schedule?: object | null } | undefined;
  const given = body?.Backup;
  if (!given) throw new HttpError(400, "Data object had no backup entry");
  return {
    ID: "",
    Name: given.Name ?? "",
    Description: given.Description ?? "",
    Tags: given.Tags ?? [],
    TargetURL: given.TargetURL ?? "",
    Sources: given.Sources ?? [],
    Settings: (given.Settings ?? []).map(({ Name, Value = "", Filter = "" }: Setting) => ({
      ...{ Name, Value, Filter },
    })),
    Filters: [...(given.Filters ?? [])].sort((a: Filter, b: Filter) => a.Order - b.Order),
    Metadata: given.Metadata ?? {},
    DBPath: "",
    Schedule: body.Schedule ?? null,
  };
}

const metadataIn = (input: unknown) => (input as { Backup?: Partial<Job> }).Backup?.Metadata;

function refuseSameName(store: Store, job: Job): void {
  const same = (other: Job) => other.Name.toLowerCase() === job.Name.toLowerCase();
  if (store.content.jobs.some((other) => same(other) && other.ID !== job.ID)) {
    throw new HttpError(409, `There already exists a backup with the name: ${job.Name}`);
  }
}

function validated(job: Job): Job {
  const wrong = mistakeIn(job);
  if (wrong) throw new HttpError(400, wrong);
  return job;
}

function mistakeIn(job: Job): string | undefined {
  const value = (name: string) => job.Settings.find(({ Name }) => Name === name)?.Value;
  if (job.Name.trim() === "") return "Missing a name";
  if (job.TargetURL.trim() === "") return "Missing a target";
  if (/(\*|%2A){3}/i.test(job.TargetURL)) return "TargetURL is password placeholder value";
  if (job.Settings.some(({ Value }) => isMask(Value))) {
    return "Settings is password placeholder value";
  }
  if (job.Sources.length === 0 || job.Sources.includes("")) return "Invalid source list";
  if (value("--no-encryption") === undefined && !value("passphrase")) return "Missing passphrase";
  const size = /^(\d+)(kb|mb|gb)$/i.exec(value("dblock-size") ?? "50mb");
  if (!size || (size[2] === "kb" && Number(size[1]) < 1024)) {
    return "DBlock size must be at least 1MB";
  }
  return scheduleMistake(job.Schedule);
}

function scheduleMistake(schedule: object | null): string | undefined {
  if (!schedule) return undefined;
  try {
    const repeat = spanMs((schedule as { Repeat?: string }).Repeat ?? "");
    return repeat > 300_000 ? undefined : "Schedule repetition time must be more than 5 minutes";
  } catch {
    return "Schedule repetition value must be a valid timespan";
  }
}

const isMask = (value: string) => /^\*{4,}$/.test(value);

function unmasked<T extends Omit<Job, "Metadata">>(job: T, existing: Job): T {
  const before = (name: string) => existing.Settings.find(({ Name }) => Name === name)?.Value ?? "";
  return {
    ...job,
    TargetURL: unmaskedUrl(job.TargetURL, existing.TargetURL),
    Settings: job.Settings.map((one) =>
      isMask(one.Value) ? { ...one, Value: before(one.Name) } : one,
    ),
  };
}

const maskedUrl = (url: string) =>
  url.replace(/([?&])([^=&]+)=[^&]*/g, (whole, sign: string, name: string) =>
    secretName.test(name) ? `${sign}${name}=${mask}` : whole,
  );

function unmaskedUrl(url: string, before: string): string {
  return url.replace(/([?&])([^=&]+)=\*{4,}/g, (whole, sign: string, name: string) => {
    const known = new RegExp(`[?&]${name}=([^&]*)`).exec(before)?.[1];
    return known === undefined ? whole : `${sign}${name}=${known}`;
  });
}
