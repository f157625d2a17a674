import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { sign } from "aws4";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import { visible } from "../../../contract/visible";
import { Failure } from "../kit/failure";

/** A bucket as pgBackRest's configuration names it. */
export interface Bucket {
  host: string;
  port: number;
  region: string;
  bucket: string;
  uriStyle: string;
  /** What the keys of the stanza's files begin with. Nothing else in the bucket is ours. */
  prefixes: string[];
  accessKey: string;
  secretKey: string;
  /** The authority of the server's certificate, PEM. Absent: those that the system trusts. */
  ca?: string;
}

/** An upload in parts that was begun. */
interface Upload {
  key: string;
  id: string;
  /** When, in milliseconds since 1970. */
  at: number;
}

/** An upload that goes on is done long before: pgBackRest writes one file with it. */
const orphanMs = 24 * 3_600_000;
const patienceMs = 30_000;
/** A page has up to 1000 of them. */
const mostPages = 100;

/**
 * Ends the uploads in parts that nobody has finished for a day: a killed pgBackRest leaves them, and none of its
 * commands ends them. A store keeps and bills their parts, and no list of objects shows them.
 *
 * @returns how many there were
 */
export async function removeUnfinishedUploads(
  bucket: Bucket,
  now: number,
  signal: AbortSignal,
): Promise<number> {
  const found = [];
  for (const prefix of bucket.prefixes) found.push(...(await unfinished(bucket, prefix, signal)));
  // By both clocks: with a wrong one of ours, an upload that goes on would be ended.
  const old = found.filter(({ at, seen }) => Math.min(now, seen) - at >= orphanMs);
  for (const { key, id } of old) {
    const { code, said } = await ask(bucket, "DELETE", { uploadId: id }, { key, signal });
    // 404: it was finished or ended meanwhile.
    if (code !== 204 && code !== 200 && code !== 404) throw refusal(code, said);
  }
  return old.length;
}

/** The bucket of a repository of the type s3, or of the stack's own store, by what pgBackRest reads itself. */
export async function bucketOf(
  number: number,
  stanza: string,
  folder: string = pgBackRestPaths.conf,
): Promise<Bucket> {
  const file = await readFile(join(folder, "conf.d/repo.conf"), "utf8");
  const lines = file.split("\n").map((line) => /^([^=#[]+)=(.*)$/.exec(line.trim()));
  const options = new Map(lines.flatMap((found) => (found ? [[found[1]!, found[2]!]] : [])));
  const option = (name: string) => options.get(`repo${number}-${name}`);
  const needed = (name: string) => {
    const value = option(name);
    if (value !== undefined) return value;
    throw new Failure(`pgBackRest's configuration has no repo${number}-${name}.`);
  };
  const ca = option("storage-ca-file");
  const path = needed("path").replace(/^\/+|\/+$/g, "");
  return {
    ...{ host: needed("s3-endpoint"), port: Number(option("storage-port") ?? 443) },
    ...{ region: needed("s3-region"), bucket: needed("s3-bucket") },
    uriStyle: option("s3-uri-style") ?? "host",
    prefixes: ["archive", "backup"].map((one) => `${path && `${path}/`}${one}/${stanza}/`),
    ...{ accessKey: needed("s3-key"), secretKey: needed("s3-key-secret") },
    ...(ca === undefined ? {} : { ca: await readFile(ca, "utf8") }),
  };
}

/** Those below a prefix, each with the time by the clock of the store, in milliseconds since 1970. */
async function unfinished(
  bucket: Bucket,
  prefix: string,
  signal: AbortSignal,
): Promise<(Upload & { seen: number })[]> {
  const found: (Upload & { seen: number })[] = [];
  let next: Record<string, string> = {};
  for (let page = 0; page < mostPages; page++) {
    const query = { uploads: "", prefix, ...next };
    const { code, said, date } = await ask(bucket, "GET", query, { signal });
    if (code !== 200) throw refusal(code, said);
    const seen = Date.parse(date ?? "");
    if (Number.isNaN(seen)) throw new Failure("the store's answer has no date.");
    found.push(...uploadsIn(said).map((one) => ({ ...one, seen })));
    const [key, id] = ["NextKeyMarker", "NextUploadIdMarker"].map((name) => element(said, name));
    if (element(said, "IsTruncated") !== "true" || !key) break;
    next = { "key-marker": key, ...(id ? { "upload-id-marker": id } : {}) };
  }
  // A server may know no prefixes here.
  return found.filter(({ key }) => key.startsWith(prefix));
}

/** The uploads in an answer of ListMultipartUploads. One without a time is too new to be ended. */
export function uploadsIn(said: string): Upload[] {
  return [...said.matchAll(/<Upload>(.*?)<\/Upload>/gs)].flatMap(([, one = ""]) => {
    const [key, id] = [element(one, "Key"), element(one, "UploadId")];
    const at = Date.parse(element(one, "Initiated") ?? "");
    return key && id && !Number.isNaN(at) ? [{ key, id, at }] : [];
  });
}

const entities: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">" },
  ...{ quot: '"', apos: "'" },
};

/** The text of the first element of a name. S3's answers have no attributes and no CDATA. */
function element(said: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(said)?.[1];
  return found?.replace(/&(#x?)?(\w{1,5});/g, (whole, base: string | undefined, code: string) => {
    if (base === undefined) return entities[code] ?? whole;
    const point = base === "#" ? Number(code) : parseInt(code, 16);
    return Number.isNaN(point) ? whole : String.fromCodePoint(point);
  });
}

interface Answer {
  code: number;
  said: string;
  /** When it was given, as HTTP writes it. */
  date: string | undefined;
}

function refusal(code: number, said: string): Failure {
  const why = element(said, "Code");
  return new Failure(`the store answered ${code}${why ? ` ${visible(why).slice(0, 100)}` : ""}.`);
}

const encoded = (one: string) =>
  encodeURIComponent(one).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Asks the store, with the login of the repository. */
async function ask(
  { host, port, region, bucket, uriStyle, ...rest }: Bucket,
  method: "GET" | "DELETE",
  query: Record<string, string>,
  { key = "", signal }: { key?: string; signal: AbortSignal },
): Promise<Answer> {
  const inPath = uriStyle === "path";
  const server = inPath ? host : `${bucket}.${host}`;
  const path = `${inPath ? `/${bucket}` : ""}/${key.split("/").map(encoded).join("/")}`;
  const words = Object.entries(query).map(([name, value]) => `${name}=${encoded(value)}`);
  const signed = sign(
    {
      ...{ service: "s3", region, method, path: `${path}?${words.join("&")}` },
      headers: { Host: port === 443 ? server : `${server}:${port}` },
    },
    { accessKeyId: rest.accessKey, secretAccessKey: rest.secretKey },
  );
  const options = {
    ...{ host: server, port, method, path: signed.path ?? "", headers: signed.headers as never },
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    ...(rest.ca === undefined ? {} : { ca: rest.ca }),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(options, resolve).on("error", reject).end();
  });
  const { statusCode = 0, headers } = answer;
  return { code: statusCode, said: await text(answer), date: headers.date };
}
