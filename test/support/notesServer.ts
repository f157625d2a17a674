import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Note {
  id: number;
  body: string;
  system: boolean;
}

/** A small server that speaks GitLab's notes API, and GitHub's of comments. It stands in for both. */
export class NotesServer {
  /** Each request: method and path. */
  readonly asked: string[] = [];
  notes: Note[] = [];
  /** The statuses of the next answers. Default: the request is carried out. */
  next: number[] = [];
  private readonly server: Server;

  constructor(private readonly token: string) {
    this.server = createServer((request, answer) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { method = "", url = "", headers } = request;
        const { authorization, "private-token": own } = headers;
        const isAllowed = own === this.token || authorization === `Bearer ${this.token}`;
        const { body = "" } = (text ? JSON.parse(text) : {}) as { body?: string };
        const [status, value] = this.answer(method, new URL(url, "http://x"), body, isAllowed);
        answer.writeHead(status, { "content-type": "application/json" });
        answer.end(JSON.stringify(value));
      });
    });
  }

  private answer(method: string, url: URL, body: string, isAllowed: boolean): [number, unknown] {
    this.asked.push(`${method} ${url.pathname}`);
    const status = isAllowed ? this.next.shift() : 401;
    if (status !== undefined) return [status, { message: "no" }];
    if (method === "GET") {
      const [page, per] = ["page", "per_page"].map((name) => Number(url.searchParams.get(name)));
      return [200, this.notes.toReversed().slice((page! - 1) * per!, page! * per!)];
    }
    if (method === "POST") {
      this.notes.push({ id: this.notes.length + 1, body, system: false });
      return [201, this.notes.at(-1)];
    }
    const note = this.notes.find(({ id }) => url.pathname.endsWith(`/${id}`));
    if (!note) return [404, {}];
    note.body = body;
    return [200, note];
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** The address of the API. */
  get api(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v4`;
  }

  stop(): void {
    this.server.close();
  }
}
