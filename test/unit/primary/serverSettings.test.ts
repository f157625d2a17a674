import { createMissing } from "../../../scripts/primary/extensions";
import { execInContainer } from "../../../scripts/engine/exec";
import { LocalPrimary } from "../../../scripts/primary/localPrimary";
import { applyServerSettings } from "../../../scripts/primary/serverSettings";

jest.mock("../../../scripts/engine/exec");

/** A server that answers what a test says, and notes what was done. What it does not prove: PostgreSQL's own answers. */
class FakeServer {
  file = "work_mem = '1MB'\n";
  done: string[] = [];
  loads = 0;
  constructor(private readonly answers: (query: string, server: FakeServer) => unknown) {}
  fileContent = () => Promise.resolve(this.file);
  writeFile = (path: string, content: string) => {
    this.done.push(`write ${path} ${content}`);
    this.file = content;
    return Promise.resolve();
  };
  reload = (names: readonly string[]) => {
    this.done.push(`reload ${names.join(" ")}`);
    this.loads++;
    return Promise.resolve();
  };
  json = (query: string) => Promise.resolve(this.answers(query, this));
  run = (statements: string, database: string) => {
    this.done.push(`run in ${database}: ${/CREATE EXTENSION/.test(statements) ? "create" : ""}`);
    return Promise.resolve();
  };
  get server() {
    return this as unknown as LocalPrimary;
  }
}

const input = {
  kind: "primary" as const,
  reload: { work_mem: "64MB" },
  atStart: ["wal_buffers"],
};
const path = "/var/lib/postgresql/primary/settings.conf";
const answering =
  (change: Record<string, unknown> = {}) =>
  (query: string, { loads }: FakeServer) => {
    if (query.includes("pg_conf_load_time")) return `at ${loads}`;
    if (query.includes("json_build_object")) {
      return { errors: change["errors"] ?? [], overruled: change["overruled"] ?? [] };
    }
    return (query.includes("pending_restart") ? change["waiting"] : change["byHand"]) ?? [];
  };

it("writes the file, has the server read it, and takes ALTER SYSTEM back for all of its names", async () => {
  const server = new FakeServer(answering());
  expect(await applyServerSettings(server.server, input)).toEqual([]);
  expect(server.done).toEqual([`write ${path} work_mem = '64MB'\n`, "reload work_mem wal_buffers"]);
});

it("says what somebody had set by hand, and what waits for a restart", async () => {
  const server = new FakeServer(answering({ byHand: ["work_mem"], waiting: ["wal_buffers"] }));
  expect(await applyServerSettings(server.server, input)).toEqual([
    "work_mem was set by ALTER SYSTEM: that is taken back, because laterbase:primary.settings sets it",
    "wal_buffers waits for a restart of the server, which puts it in force",
  ]);
});

it("leaves the server with what it had when it refuses a line", async () => {
  const errors = [{ name: "work_mem", error: "setting could not be applied" }];
  const server = new FakeServer(answering({ errors }));
  await expect(applyServerSettings(server.server, input)).rejects.toThrow(
    "laterbase:primary.settings.work_mem is refused by the server (setting could not be applied); what it had before is still in force.",
  );
  expect(server.file).toBe("work_mem = '1MB'\n");
  expect(server.loads).toBe(0);
});

// A standby has none where all of them are for the primary, such as max_locks_per_transaction.
it("has a server read its files again also where it gets no setting", async () => {
  const exec = jest.mocked(execInContainer).mockResolvedValue({ code: 0, stdout: "", stderr: "" });
  const server = new LocalPrimary({} as never, "laterbase-dev-standby", "standby");
  const asked = async (names: string[]) => {
    await server.reload(names);
    return exec.mock.lastCall![2];
  };
  expect(await asked([])).toContain("lower(name) = ANY (ARRAY[]::text[])");
  expect(await asked(["Work_Mem", "jit"])).toContain("ANY (ARRAY['work_mem', 'jit']::text[])");
});

it.each(["primary", "standby"] as const)("says that a %s does not run", async (kind) => {
  jest.mocked(execInContainer).mockRejectedValue(Object.assign(new Error(), { statusCode: 409 }));
  const server = new LocalPrimary({} as never, "laterbase-dev-one", kind);
  await expect(server.reload([])).rejects.toThrow(
    `the ${kind} laterbase-dev-one is not running: start it, then try again.`,
  );
});

describe("extensions that only a superuser may create", () => {
  const made = (obstacles: object[], missing = ["postgis"]) => {
    const server = new FakeServer((query) =>
      query.includes("installed_version") ? missing : obstacles,
    );
    return { server, result: createMissing(server.server, "a=b", ["postgis", "vector"]) };
  };

  it("are created where they are missing", async () => {
    const { server, result } = made([]);
    expect(await result).toEqual({ created: ["postgis"], failed: [] });
    expect(server.done).toEqual(["run in a=b: create"]);
    const nothing = made([], []);
    expect(await nothing.result).toEqual({ created: [], failed: [] });
    expect(nothing.server.done).toEqual([]);
  });

  it.each([
    [
      { name: "postgis", reason: "foreign", role: 'ow"ner' },
      'the role "ow""ner" has functions or operators in the schema "public", which could run with the superuser\'s rights meanwhile. Look at them first. Create it there as the superuser: CREATE EXTENSION postgis.',
    ],
    [
      { name: "postgis", reason: "schema", role: null },
      'there is no schema "public". Create it there as the superuser: CREATE EXTENSION postgis.',
    ],
  ])("are left to the operator where %j", async (obstacle, why) => {
    const { server, result } = made([obstacle]);
    expect(await result).toEqual({ created: [], failed: [{ extension: "postgis", why }] });
    expect(server.done).toEqual([]);
  });
});
