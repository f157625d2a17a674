import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { Server, type ServerChannel, utils } from "ssh2";
import { NoSshSession, runBySsh } from "../../../scripts/primary/ssh";

/** What a test does with the channel of a script. Default: a login shell that greets, and then bash. */
type Shell = (channel: ServerChannel, command: string, end: () => void) => void;

const greeting: Shell = (channel, command) => {
  channel.write("Welcome back!");
  channel.stderr.write("stty: standard input: not a terminal\n");
  const child = spawn("sh", ["-c", command]);
  channel.pipe(child.stdin);
  child.stdout.on("data", (chunk) => channel.write(chunk));
  child.stderr.on("data", (chunk) => channel.stderr.write(chunk));
  child.on("close", (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
};

/** A key pair that ssh2 can read: about one in a hundred of its own cannot be. */
function keyPair(): { public: string; private: string } {
  const pair = utils.generateKeyPairSync("ed25519");
  const readable = [pair.public, pair.private].every(
    (text) => !(utils.parseKey(text) instanceof Error),
  );
  return readable ? pair : keyPair();
}

// A real SSH server on this machine. What this does not prove: that a step does its work over it.
const [host, login, other] = [keyPair(), keyPair(), keyPair()];
let shell = greeting;
const server = new Server({ hostKeys: [host.private] }, (client) => {
  client.on("error", () => undefined);
  client.on("authentication", (ask) => {
    const known = utils.parseKey(login.public);
    if (known instanceof Error || ask.method !== "publickey") return ask.reject(["publickey"]);
    return ask.key.data.equals(known.getPublicSSH()) ? ask.accept() : ask.reject();
  });
  client.on("session", (accept) =>
    accept().on("exec", (begin, _, { command }) => shell(begin(), command, () => client.end())),
  );
});

const target = () => ({
  host: "127.0.0.1",
  port: (server.address() as AddressInfo).port,
  user: "admin",
  privateKey: login.private,
  hostKey: host.public,
});

beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => new Promise<void>((done) => server.close(() => done())));
beforeEach(() => (shell = greeting));

it("gives what the script printed, without the greeting of a login shell", async () => {
  const script = 'echo "$1"; echo "é" >&2; exit 3';
  expect(await runBySsh(target(), script, undefined, "remove")).toEqual({
    code: 3,
    stdout: "remove\n",
    stderr: "é\n",
  });
});

it("gives everything that was said where the script did not begin", async () => {
  shell = (channel) => {
    channel.stderr.write("This account is not available.\n");
    channel.exit(1);
    channel.end();
  };
  expect(await runBySsh(target(), "true")).toEqual({
    code: 1,
    stdout: "",
    stderr: "This account is not available.\n",
  });
});

it("takes no lost connection for an end of the script", async () => {
  shell = (_channel, _command, end) => end();
  const lost = await runBySsh(target(), "true").catch((error: Error) => error);
  expect(lost).toEqual(new Error("the connection was lost while the script ran"));
  expect(lost).not.toBeInstanceOf(NoSshSession);
});

const refusals: [string, () => Partial<ReturnType<typeof target>>, boolean][] = [
  ["another host key", () => ({ hostKey: other.public }), false],
  ["a key that it does not know", () => ({ privateKey: other.private }), false],
  ["a text that is no key", () => ({ privateKey: "no key" }), false],
  ["a port where nothing listens", () => ({ port: 1 }), true],
];

it.each(refusals)("says for %s whether it may work later", async (_, change, passing) => {
  const error = await runBySsh({ ...target(), ...change() }, "true").catch((e: unknown) => e);
  expect(error).toBeInstanceOf(NoSshSession);
  expect((error as NoSshSession).passing).toBe(passing);
});
