import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { remoteCommand } from "../../scripts/providers/command/remote";
import type { Props } from "../../scripts/providers/protocol/provider";
import { HOST_KEYS, Sshd } from "../support/providersCommandSshd";

jest.setTimeout(600_000);

let sshd: Sshd;
let messages: string[];

beforeAll(async () => {
  delete process.env.SSH_AUTH_SOCK;
  sshd = await Sshd.create();
});

afterAll(() => sshd?.dispose());

beforeEach(() => {
  messages = [];
});

/** Logs in as root by key by default. */
function connection(changes: Props = {}): Props {
  return { ...sshd.login(), ...changes };
}

function context(signal = new AbortController().signal) {
  return {
    urn: "urn",
    name: "one",
    signal,
    status: (text: string) => void messages.push(text),
    log: (text: string, severity = "info") => void messages.push(`${severity}: ${text}`),
  };
}

/** The outputs of a new command. */
async function create(inputs: Props, signal?: AbortSignal): Promise<Props> {
  const all = { connection: connection(), ...inputs };
  return (await remoteCommand.create(context(signal), all)).outputs;
}

describe("a login", () => {
  test("works by key, and by password", async () => {
    expect(await create({ create: "id -un" })).toMatchObject({ stdout: "root", stderr: "" });
    const { user, password } = sshd;
    const login = connection({ user, password, privateKey: undefined });
    expect(await create({ create: "id -un", connection: login })).toMatchObject({ stdout: user });
  });

  test("works by an encrypted key with its passphrase only", async () => {
    const privateKey = sshd.read("locked");
    const good = connection({ privateKey, privateKeyPassword: "open sesame" });
    expect(await create({ create: "echo in", connection: good })).toMatchObject({ stdout: "in" });
    for (const [password, text] of [
      ["wrong", "x509: decryption password incorrect"],
      [undefined, "ssh: this private key is passphrase protected"],
    ]) {
      const bad = connection({ privateKey, privateKeyPassword: password });
      await expect(create({ create: "true", connection: bad })).rejects.toThrow(text);
    }
  });

  test("works by an agent; an agent that does not answer is an error even with a key", async () => {
    const agentSocketPath = join(sshd.dir, "agent");
    const agent = spawn("ssh-agent", ["-D", "-a", agentSocketPath], { stdio: "ignore" });
    try {
      for (let i = 0; i < 250 && !existsSync(agentSocketPath); i++) await sleep(20);
      execFileSync("ssh-add", ["-q", join(sshd.dir, "login")], {
        env: { ...process.env, SSH_AUTH_SOCK: agentSocketPath },
      });
      const login = connection({ privateKey: undefined, agentSocketPath });
      expect(await create({ create: "echo in", connection: login })).toMatchObject({
        stdout: "in",
      });
    } finally {
      agent.kill();
    }
    const stale = connection({ agentSocketPath: join(sshd.dir, "nobody") });
    await expect(create({ create: "true", connection: stale })).rejects.toThrow(
      /^dial unix .*nobody: connect: no such file or directory$/,
    );
  });

  test("that is refused names the methods that were tried", async () => {
    const { user } = sshd;
    const login = connection({ user, privateKey: undefined, password: "wrong" });
    await expect(create({ create: "true", connection: login })).rejects.toThrow(
      "after 0 failed attempts: ssh: handshake failed: ssh: unable to authenticate, " +
        "attempted methods [none password], no supported methods remain",
    );
  });
});

describe("the host key", () => {
  test.each(HOST_KEYS)("is the %s key when that one is given", async (type) => {
    const login = connection({ hostKey: sshd.read(`host-${type}.pub`) });
    expect(await create({ create: "echo in", connection: login })).toMatchObject({ stdout: "in" });
  });

  test("is refused before anything is sent when it differs", async () => {
    const proof = join(sshd.dir, "ran");
    const login = connection({ hostKey: sshd.read("login.pub") });
    await expect(create({ create: `touch ${proof}`, connection: login })).rejects.toThrow(
      "after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
    );
    expect(existsSync(proof)).toBe(false);
  });

  test("is refused when the line is not a key", async () => {
    const login = connection({ hostKey: "127.0.0.1 is fine" });
    await expect(create({ create: "true", connection: login })).rejects.toThrow(
      "failed to parse host key: ssh: no key found",
    );
  });
});

describe("the environment", () => {
  test("reaches the command when AcceptEnv allows it", async () => {
    const environment = { LBT_A: "one two", LBT_B: "three" };
    const outputs = await create({ create: 'echo "$LBT_A $LBT_B"', environment });
    expect(outputs.stdout).toBe("one two three");
  });

  test("is an error with the name when it is refused, and nothing runs", async () => {
    const proof = join(sshd.dir, "ran");
    const environment = { LBT_A: "yes", OTHER: "no" };
    await expect(create({ create: `touch ${proof}`, environment })).rejects.toThrow(
      'could not set environment variable "OTHER": ssh: setenv failed',
    );
    expect(messages.join()).toMatch(/error: Unable to set 'OTHER'.*AcceptEnv/);
    expect(existsSync(proof)).toBe(false);
  });

  test("contains the last output; a refusal of that is a warning only", async () => {
    const state = await create({ create: "echo before" });
    const news = { connection: connection(), create: "echo after" };
    const olds = { inputs: {}, state };
    const outputs = await remoteCommand.update?.(context(), "id", olds, news);
    expect(outputs).toMatchObject({ stdout: "after" });
    expect(messages.join()).toMatch(/warning: Unable to set 'PULUMI_COMMAND_STDOUT'/);
    messages = [];
    await remoteCommand.update?.(context(), "id", olds, { ...news, addPreviousOutputInEnv: false });
    expect(messages).toEqual(["after"]);
  });
});

describe("a remote run", () => {
  test("that fails shows status, command and output", async () => {
    await expect(create({ create: 'echo "a"; echo b >&2; exit 9' })).rejects.toThrow(
      /^Process exited with status 9: running "echo \\"a\\"; echo b >&2; exit 9":\n(a\nb|b\na)\n$/,
    );
    await expect(create({ create: "kill -9 $$" })).rejects.toThrow(
      /^Process exited with status 137 from signal KILL: running/,
    );
  });

  test("may ignore its input", async () => {
    const stdin = "x".repeat(100_000);
    const runs = Array.from({ length: 12 }, () => create({ create: "echo done", stdin }));
    for (const outputs of await Promise.all(runs)) expect(outputs.stdout).toBe("done");
  });

  test("passes megabytes on one line both ways, with logging on", async () => {
    const stdin = "x".repeat(3_000_000) + "ü";
    const { stdout } = await create({ create: "tee /dev/stderr", stdin });
    const digest = (text: unknown) =>
      createHash("sha256")
        .update(text as string)
        .digest("hex");
    expect(digest(stdout)).toBe(digest(stdin));
    expect(Math.max(...messages.map((line) => line.length))).toBe(64 * 1024);
  });

  test("ends with an error when the connection is lost", async () => {
    const lost = create({ create: "kill -9 $PPID; sleep 1" });
    await expect(lost).rejects.toThrow("exited without exit status or exit signal");
  });

  // As an ordinary user, because sshd forwards no signals for root.
  test("ends on the host after an interrupt", async () => {
    const { user, password } = sshd;
    const abort = new AbortController();
    const command = "trap 'echo tidied; exit 1' TERM; echo ready; while :; do sleep 0.1; done";
    const login = connection({ user, password, privateKey: undefined });
    const running = create({ create: command, connection: login }, abort.signal);
    const ended = expect(running).rejects.toThrow(
      /^Process exited with status 1: [^]*\nready\n[^]*tidied\n/,
    );
    for (let i = 0; i < 500 && !messages.includes("ready"); i++) await sleep(20);
    abort.abort();
    await ended;
  });

  test("dials until the host answers, with growing pauses", async () => {
    await sshd.stop();
    const login = connection({ dialErrorLimit: 40 });
    const running = create({ create: "echo there", connection: login });
    await sleep(1_000);
    await sshd.start();
    expect(await running).toMatchObject({ stdout: "there" });
    expect(messages.slice(0, 2)).toEqual([
      "Dial 1/40 failed: retrying",
      "Dial 2/40 failed: retrying",
    ]);
    expect(messages.length).toBeLessThan(8);
  });

  test("fails after the limit of dial errors", async () => {
    const login = connection({ port: 1, dialErrorLimit: 2 });
    await expect(create({ create: "true", connection: login })).rejects.toThrow(
      "after 2 failed attempts: dial tcp 127.0.0.1:1: connect: connection refused",
    );
  });
});
