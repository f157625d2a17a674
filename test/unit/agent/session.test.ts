import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../scripts/agent/kit/context";
import { openSession, toolOptions } from "../../../scripts/agent/kit/session";

/** A server that speaks as much of the protocol as a login and a query need. */
class FakeServer {
  /** The parameters of each start packet. */
  readonly logins: Record<string, string>[] = [];
  /** The values of the last query that had some. */
  bound = "";
  private readonly server: Server;
  private readonly sockets: Socket[] = [];

  /** @param refuse the SQLSTATE that a login is refused with, if it is */
  constructor(refuse: (options: string) => string | undefined) {
    this.server = createServer((socket) => {
      let data = Buffer.alloc(0);
      let ready = false;
      this.sockets.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        data = Buffer.concat([data, chunk]);
        for (;;) {
          const head = ready ? 1 : 0;
          if (data.length < head + 4) return;
          const length = head + data.readInt32BE(head);
          if (data.length < length) return;
          const message = data.subarray(0, length);
          data = data.subarray(length);
          if (ready) this.answer(socket, message);
          else if (length === 8) socket.write("N");
          else ready = this.login(socket, message, refuse);
        }
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close = () => this.server.close();

  /** Ends every session as a server does. */
  terminate(code: string, message: string): void {
    for (const one of this.sockets) one.end(reply("E", `SFATAL\0C${code}\0M${message}\0\0`));
  }

  private login(socket: Socket, message: Buffer, refuse: (options: string) => string | undefined) {
    const words = message.subarray(8).toString().split("\0");
    const given: Record<string, string> = {};
    for (let index = 0; words[index]; index += 2) given[words[index]!] = words[index + 1]!;
    this.logins.push(given);
    const code = refuse(given["options"] ?? "");
    if (code) {
      socket.end(reply("E", `SFATAL\0C${code}\0Mrefused\0\0`));
      return false;
    }
    socket.write(Buffer.concat([reply("R", "\0\0\0\0"), reply("Z", "I")]));
    return true;
  }

  private answer(socket: Socket, message: Buffer): void {
    const type = String.fromCharCode(message[0]!);
    if (type === "B") this.bound = message.toString();
    const answers: Record<string, Buffer> = {
      P: reply("1", ""),
      B: reply("2", ""),
      D: reply("n", ""),
      E: reply("C", "SELECT 0\0"),
      S: reply("Z", "I"),
    };
    if (type === "X") socket.end();
    else if (answers[type]) socket.write(answers[type]);
  }
}

function reply(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(Buffer.byteLength(body) + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

const etc = mkdtempSync(join(tmpdir(), "lbt-session-"));
writeFileSync(join(etc, "pgpass"), "*:*:*:*:secret\n");
afterAll(() => rmSync(etc, { recursive: true }));

const context = (major: number, superuser: boolean) =>
  ({ config: { major, role: { name: "dumps", superuser } }, paths: { etc } }) as Context;

async function login(
  major: number,
  superuser: boolean,
  refuse: (options: string) => string | undefined,
) {
  const fake = new FakeServer(refuse);
  const port = await fake.listen();
  const where = { name: "primary", host: "127.0.0.1", port } as const;
  const session = { database: "app", application: "test", settings: { lock_timeout: "5s" } };
  try {
    const client = await openSession(context(major, superuser), where, session);
    await client.end();
    return fake;
  } finally {
    fake.close();
  }
}

const never = () => undefined;

it("states its settings in the start packet, and sends nothing else", async () => {
  const { logins, bound } = await login(17, true, never);
  expect(logins).toHaveLength(1);
  expect(logins[0]).toMatchObject({ user: "dumps", database: "app" });
  expect(logins[0]!["options"]).toContain(
    "-c search_path=pg_catalog,pg_temp -c event_triggers=off ",
  );
  expect(logins[0]!["options"]).toContain("-c default_transaction_read_only=on ");
  expect(logins[0]!["options"]).toContain("-c lock_timeout=5s ");
  expect(bound).toBe("");
});

it("leaves to a role what only a superuser may state", async () => {
  const { logins } = await login(17, false, never);
  expect(logins[0]!["options"]).not.toContain("event_triggers");
});

it("sets afterwards what only some minor releases of a major have", async () => {
  const { logins, bound } = await login(16, false, never);
  expect(logins[0]!["options"]).not.toContain("restrict_nonsystem_relation_kind");
  expect(bound).toContain('"restrict_nonsystem_relation_kind":"view,foreign-table"');
});

it.each(["42704", "42501"])("logs in once more with fewer settings after %s", async (code) => {
  const refuse = (options: string) => (options.includes("event_triggers") ? code : undefined);
  const { logins, bound } = await login(17, true, refuse);
  expect(logins).toHaveLength(2);
  expect(logins[1]!["options"]).toContain("-c search_path=pg_catalog,pg_temp ");
  expect(bound).toContain('"event_triggers":"off"');
});

it("does not repeat a login that is refused for another reason", async () => {
  const refuse = jest.fn(() => "3D000");
  await expect(login(17, true, refuse)).rejects.toMatchObject({ code: "3D000" });
  expect(refuse).toHaveBeenCalledTimes(1);
});

it("says also later why the server ended a session that did nothing", async () => {
  const fake = new FakeServer(never);
  const where = { name: "standby", host: "127.0.0.1", port: await fake.listen() } as const;
  const client = await openSession(context(17, false), where, {
    ...{ database: "app", application: "test" },
  });
  try {
    const ended = new Promise((resolve) => client.once("end", resolve));
    fake.terminate("40001", "terminating connection due to conflict with recovery");
    await ended;
    const lost = { code: "40001", message: "terminating connection due to conflict with recovery" };
    await expect(client.query("SELECT")).rejects.toMatchObject(lost);
    await expect(client.query("SELECT")).rejects.toMatchObject(lost);
  } finally {
    await client.end().catch(() => undefined);
    fake.close();
  }
});

it("gives the tools of PostgreSQL the same settings", () => {
  expect(toolOptions(context(17, false))).toContain(
    "-c search_path=pg_catalog,pg_temp -c restrict_nonsystem_relation_kind=view,foreign-table ",
  );
  expect(toolOptions(context(13, true))).toContain("-c default_transaction_read_only=on ");
});
