import { Duplex, PassThrough } from "node:stream";

const asked = { signals: [] as string[], words: [] as string[], env: [] as string[] };
const answers = { cancelled: true, exitCode: 0 };
let session: Duplex;

/** A psql that says its mark at once, and ends where its input does or when it is closed. */
function psql(mark: string): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
    final: (done) => {
      stream.push(null);
      done();
    },
  });
  stream.push(`${mark}\n`);
  return (session = stream);
}

jest.mock("../../../scripts/engine/connect", () => ({
  connect: () => ({
    getContainer: () => ({
      exec: ({ Cmd, Env }: { Cmd: string[]; Env: string[] }) => {
        Object.assign(asked, { words: Cmd, env: Env });
        return Promise.resolve({
          start: () => Promise.resolve(psql(Cmd[4]!)),
          inspect: () => Promise.resolve({ ExitCode: answers.exitCode }),
        });
      },
    }),
    modem: {
      demuxStream: (from: Duplex, out: { write: (chunk: Buffer) => void }) =>
        from.on("data", (chunk: Buffer) => out.write(chunk)),
    },
  }),
}));
jest.mock("../../../scripts/engine/execThrough", () => ({
  signalMarked: (_engine: unknown, _name: string, signal: string, marker: string) => {
    asked.signals.push(`${signal} ${marker.split("=")[0]!}`);
    return Promise.resolve(answers.cancelled);
  },
}));

// eslint-disable-next-line import/first -- the doubles come first
import { psqlShell } from "../../../scripts/cli/servers/psqlShell";

const place = {
  ...{ container: { name: "x-primary" }, host: "/run/pg/primary", port: 5432, user: "postgres" },
  ...{ database: "app", title: "primary" },
};

function run({ signal, isTerminal = false }: { signal?: AbortSignal; isTerminal?: boolean } = {}) {
  Object.assign(asked, { signals: [] });
  const input = new PassThrough();
  const console = { input, output: new PassThrough(), error: new PassThrough(), isTerminal };
  return { input, ended: psqlShell(place, console, signal) };
}

it("stops at the first statement that fails, where no person types", async () => {
  const piped = run();
  piped.input.end("SELECT 1;\n");
  expect(await piped.ended).toBe(0);
  expect(asked.words.join(" ")).toContain("-v ON_ERROR_STOP=1 -d ");
  const typed = run({ isTerminal: true });
  typed.input.end();
  await typed.ended;
  expect(asked.words.join(" ")).not.toContain("ON_ERROR_STOP");
});

it.each([
  [true, "Interrupted: the statement that ran was cancelled."],
  [false, "Interrupted: the statement that ran may go on, because its container did not answer."],
])("cancels the statement on an interruption: %s", async (cancelled, sentence) => {
  answers.cancelled = cancelled;
  const interruption = new AbortController();
  const { ended } = run({ signal: interruption.signal });
  const failed = expect(ended).rejects.toThrow(sentence);
  interruption.abort();
  await failed;
  expect(asked.signals).toEqual(["SIGINT LATERBASE_SHELL", "SIGTERM LATERBASE_SHELL"]);
  expect(asked.env.some((one) => /^LATERBASE_SHELL=[0-9a-f]+$/.test(one))).toBe(true);
  expect(session.destroyed).toBe(true);
});
