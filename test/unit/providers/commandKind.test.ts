import { commandProvider } from "../../../scripts/providers/command";
import pRetry from "p-retry";
import { backOff } from "../../../scripts/providers/command/dial";
import { parseHostKey } from "../../../scripts/providers/command/hostKey";
import { previousOutput } from "../../../scripts/providers/command/kind";
import { localCommand } from "../../../scripts/providers/command/local";
import { remoteCommand } from "../../../scripts/providers/command/remote";
import type { Props } from "../../../scripts/providers/protocol/provider";
import { UNKNOWN } from "../../../scripts/providers/protocol/values";

const ctx = {
  urn: "urn",
  name: "one",
  status: () => {},
  log: () => {},
  signal: new AbortController().signal,
};

test("the provider has only the two commands", () => {
  expect(Object.keys(commandProvider.resources)).toEqual([
    "command:local:Command",
    "command:remote:Command",
  ]);
});

describe("diff", () => {
  const inputs: Props = {
    create: "a",
    update: "b",
    delete: "c",
    stdin: "d",
    environment: { A: "1" },
    interpreter: ["sh", "-c"],
    dir: "/",
    logging: "none",
    addPreviousOutputInEnv: true,
    triggers: ["x", { deep: [1] }],
    connection: { host: "h", port: 22 },
  };
  const diff = (change: Props, kind = localCommand) =>
    kind.diff({ inputs, state: inputs }, { ...inputs, ...change });

  test.each(Object.keys(inputs).filter((key) => !["triggers", "connection"].includes(key)))(
    "a change of %s updates",
    (key) => {
      expect(diff({ [key]: ["other"] })).toMatchObject({
        changes: true,
        replaces: [],
        diffs: [key],
      });
      expect(diff({ [key]: undefined })).toMatchObject({ replaces: [], diffs: [key] });
    },
  );

  test("a change of the connection updates", () => {
    const change = { connection: { host: "h", port: 23 } };
    expect(diff(change, remoteCommand)).toMatchObject({ replaces: [], diffs: ["connection"] });
  });

  test.each([[["y"]], [["x", { deep: [2] }]], [[]], [undefined], [["x", UNKNOWN]], [UNKNOWN]])(
    "triggers %j replace",
    (triggers) => {
      expect(diff({ triggers })).toMatchObject({ changes: true, replaces: ["triggers"] });
    },
  );

  test("equal inputs are no change, and outputs do not count", () => {
    expect(diff({}).changes).toBe(false);
    expect(localCommand.diff({ inputs, state: { ...inputs, stdout: "new" } }, inputs).changes).toBe(
      false,
    );
  });
});

describe("check", () => {
  const refused = (kind: typeof localCommand, news: Props) =>
    kind.check?.(news).failures.map(({ property, reason }) => `${property} ${reason}`);

  test("refuses inputs of a wrong type", () => {
    expect(
      refused(localCommand, {
        create: 1,
        environment: { A: 1 },
        interpreter: "sh",
        logging: "loud",
        triggers: {},
        addPreviousOutputInEnv: "no",
      }),
    ).toEqual([
      "create must be a string",
      "triggers must be a list",
      "environment must be a map of strings",
      "logging must be one of stdout, stderr, stdoutAndStderr, none",
      "addPreviousOutputInEnv must be true or false",
      "interpreter must be a list of strings",
    ]);
  });

  test("accepts unknown values", () => {
    const news = { create: UNKNOWN, environment: { A: UNKNOWN }, connection: UNKNOWN };
    expect(refused(remoteCommand, news)).toEqual([]);
  });

  test("completes the connection, and names missing or unimplemented keys", () => {
    expect(remoteCommand.check?.({ connection: { host: "h" } })).toEqual({
      failures: [],
      inputs: {
        connection: { host: "h", user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 },
      },
    });
    expect(refused(remoteCommand, {})).toEqual(["connection is required"]);
    expect(refused(remoteCommand, { connection: { port: "22", proxy: { host: "b" } } })).toEqual([
      "connection.port must be a number",
      "connection.host is required",
      "connection.proxy Laterbase's embedded command provider does not implement this input",
    ]);
  });
});

describe("the commands that run", () => {
  const state = { stdout: "old", stderr: "" };

  test("create without a command prints nothing", async () => {
    const { id, outputs } = await localCommand.create(ctx, { stdin: "x" });
    expect(id).toMatch(/^one[0-9a-f]{8}$/);
    expect(outputs).toEqual({ stdin: "x", stdout: "", stderr: "" });
  });

  test("update runs update, else create, else keeps the last output", async () => {
    const update = (news: Props) => localCommand.update?.(ctx, "id", { inputs: {}, state }, news);
    const both = { create: "echo create", update: "echo $PULUMI_COMMAND_STDOUT, update" };
    expect(await update(both)).toEqual({ ...both, stdout: "old, update", stderr: "" });
    expect(await update({ create: "echo create" })).toMatchObject({ stdout: "create" });
    expect(await update({})).toEqual(state);
  });

  test("in a preview the output is unknown", () => {
    const news = { create: "echo a" };
    const unknown = { stdout: UNKNOWN, stderr: UNKNOWN };
    expect(localCommand.preview?.(news)).toEqual({ ...news, ...unknown });
    expect(localCommand.preview?.(news, { inputs: {}, state })).toEqual({ ...news, ...unknown });
  });

  test("an interrupt reaches the children of a command", async () => {
    const abort = new AbortController();
    const status = () => abort.abort();
    const trap = "trap 'echo tidied; exit 5' TERM; echo ready; while :; do sleep 0.1; done";
    const create = `(${trap}); echo not reached`;
    await expect(
      localCommand.create({ ...ctx, status, signal: abort.signal }, { create }),
    ).rejects.toThrow(/^signal: terminated: [^]*:\nready\n(Terminated\n)*tidied\n(Terminated\n)*$/);
  });
});

test("a run gets the last output, unless it is empty or unwanted", () => {
  const printed = { stdout: "out", stderr: "" };
  expect(previousOutput({}, printed)).toEqual({ PULUMI_COMMAND_STDOUT: "out" });
  expect(previousOutput({ addPreviousOutputInEnv: true }, { stdout: "", stderr: "e" })).toEqual({
    PULUMI_COMMAND_STDERR: "e",
  });
  expect(previousOutput({ addPreviousOutputInEnv: false }, printed)).toEqual({});
});

test("the pauses between dials grow by half, up to five seconds", async () => {
  jest.useFakeTimers();
  const pauses: number[] = [];
  const fail = () => Promise.reject(new Error("connection refused"));
  const dialled = pRetry(fail, {
    ...backOff,
    retries: 21,
    onFailedAttempt: ({ retryDelay }) => void pauses.push(retryDelay),
  }).catch((error: Error) => error.message);
  await jest.advanceTimersByTimeAsync(120_000);
  jest.useRealTimers();
  expect(await dialled).toBe("connection refused");
  expect([0, 1, 2, 20].map((tries) => pauses[tries])).toEqual([100, 150, 225, 5000]);
});

describe("parseHostKey", () => {
  const key = (type: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(type.length);
    return Buffer.concat([length, Buffer.from(type), Buffer.from("rest")]);
  };
  const line = (type: string) => `${type} ${key(type).toString("base64")}`;

  test.each([
    line("ssh-ed25519"),
    `${line("ssh-ed25519")} me@here`,
    `db.example.org ${line("ssh-ed25519")}`,
    `# from the console\n\n${line("ssh-ed25519")}\n`,
  ])("reads %j", (text) => {
    expect(parseHostKey(text)).toEqual({ key: key("ssh-ed25519"), algorithms: ["ssh-ed25519"] });
  });

  test("an RSA key may sign with SHA-2", () => {
    expect(parseHostKey(line("ssh-rsa")).algorithms).toEqual([
      "rsa-sha2-512",
      "rsa-sha2-256",
      "ssh-rsa",
    ]);
  });

  test.each([
    "",
    "ssh-ed25519",
    "ssh-ed25519 !!!",
    `ssh-rsa ${key("ssh-ed25519").toString("base64")}`,
  ])("refuses %j", (text) => {
    expect(() => parseHostKey(text)).toThrow("failed to parse host key: ssh: no key found");
  });
});
