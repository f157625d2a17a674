import { lookup } from "node:dns/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Seen } from "../../../../contract/health/facts";
import { duration } from "../../../../contract/health/figures";
import type { ServerReport } from "../../../../contract/health/report";
import { elapsed } from "../../kit/clock";

const mostBytes = 16 * 1024;
const mostDetail = 2000;
/** A supervisor reports each 15 s. Three that are missing are no accident. */
const freshMs = 60_000;

export interface ReportsOptions {
  /** The servers that report, by their names. */
  names: readonly string[];
  /** The beginning of their containers' names. */
  prefix: string;
  /** The addresses of a name. Tests replace it. */
  addressesOf?: (name: string) => Promise<string[]>;
  /** Milliseconds. Tests replace it. */
  clock?: () => number;
}

/**
 * Takes the reports of the servers' supervisors: `POST /reports/<name>`. They have no secret, so a report counts only
 * when it comes from the address of the container that has the name.
 */
export class Reports {
  private readonly last = new Map<string, { report: ServerReport; at: number }>();
  private readonly clock: () => number;
  private readonly since: number;
  private readonly server: Server;

  constructor(private readonly options: ReportsOptions) {
    this.clock = options.clock ?? elapsed;
    this.since = this.clock();
    this.server = createServer(
      { requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 4096, keepAlive: false },
      (request, answer) => {
        this.take(request).then(
          (code) => end(answer, code),
          () => end(answer, 400),
        );
      },
    );
    this.server.maxConnections = 128;
    this.server.on("clientError", (_error, socket) => socket.destroy());
  }

  async listen(port: number, host = "0.0.0.0"): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, resolve);
    });
    return (this.server.address() as { port: number }).port;
  }

  /** What a server's supervisor reported last. Undefined: none may be expected yet. */
  of(name: string): Seen<ServerReport> | undefined {
    const found = this.last.get(name);
    const age = this.clock() - (found?.at ?? this.since);
    if (age < freshMs) return found?.report;
    const unknown = `Its supervisor has sent no report for ${duration(age / 1000)}.`;
    return { unknown };
  }

  /** The last report, however old it is. */
  lastOf(name: string): ServerReport | undefined {
    return this.last.get(name)?.report;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** @returns the status of the answer */
  private async take(request: IncomingMessage): Promise<number> {
    const [, name = ""] = /^\/reports\/([\w.-]{1,63})$/.exec(request.url ?? "") ?? [];
    if (request.method !== "POST" || !this.options.names.includes(name)) return 404;
    if (!(await this.isFrom(name, request.socket.remoteAddress ?? ""))) return 403;
    const report = reportIn(await textOf(request));
    if (!report) return 400;
    this.last.set(name, { report, at: this.clock() });
    return 204;
  }

  private async isFrom(name: string, address: string): Promise<boolean> {
    const { prefix, addressesOf = addresses } = this.options;
    const known = await addressesOf(`${prefix}-${name}`).catch((): string[] => []);
    return known.includes(address.replace(/^::ffff:/, ""));
  }
}

const addresses = async (name: string) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

function end(answer: ServerResponse, code: number): void {
  // A body that was not read would be taken for the next request.
  answer.writeHead(code, { connection: "close", "content-length": 0 });
  answer.end();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The report in a body, with nothing that was not expected. Undefined: it is none. */
export function reportIn(text: string): ServerReport | undefined {
  let found: Partial<ServerReport> | null;
  try {
    found = JSON.parse(text) as Partial<ServerReport> | null;
  } catch {
    return undefined;
  }
  const { state, detail = "", since = "", disk, collation } = found ?? {};
  const size = (number: unknown): number is number =>
    typeof number === "number" && Number.isFinite(number) && number >= 0;
  if (typeof state !== "string" || !/^[a-z-]{1,32}$/.test(state)) return undefined;
  if (typeof detail !== "string" || typeof since !== "string") return undefined;
  if (!size(disk?.bytes) || !size(disk.free)) return undefined;
  return {
    ...{ state, detail: detail.slice(0, mostDetail), since: since.slice(0, 40) },
    disk: { bytes: disk.bytes, free: disk.free },
    ...(typeof collation === "object" && collation !== null ? { collation } : {}),
  };
}
