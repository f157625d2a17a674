import { Duplex } from "node:stream";

/** The words of each program that was started in the agent's container. */
const started: string[][] = [];
/** Writes what the client prints: on standard error, or its reply. */
let print: { error: (text: string) => void; reply: (reply: object) => void };
let client: Duplex;

jest.mock("../../../scripts/engine/connect", () => ({
  connect: () => ({
    getContainer: () => ({
      exec: ({ Cmd }: { Cmd: string[] }) => {
        started.push(Cmd);
        const stream = new Duplex({ read: () => undefined, write: (_c, _e, done) => done() });
        if (started.length === 1) client = stream;
        return Promise.resolve({
          start: () => Promise.resolve(stream),
          inspect: () => Promise.resolve({ ExitCode: 143 }),
        });
      },
    }),
    modem: {
      demuxStream: (
        _stream: Duplex,
        out: { write: (chunk: Buffer) => void },
        err: { write: (chunk: Buffer) => void },
      ) => {
        print = {
          error: (text) => err.write(Buffer.from(text)),
          reply: (reply) => out.write(Buffer.from(`${JSON.stringify(reply)}\n`)),
        };
      },
    },
  }),
}));

// eslint-disable-next-line import/first -- the doubles come first
import { askAgent } from "../../../scripts/cli/servers/askAgent";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const kills = () => started.slice(1).map((words) => words.at(-1));

function ask() {
  started.length = 0;
  const interruption = new AbortController();
  const answer = askAgent({ name: "x-agent" }, "dump", {}, () => undefined, interruption.signal);
  return { interruption, answer };
}

it("ends the client on an interruption, also on one that comes before its number", async () => {
  const { interruption, answer } = ask();
  await turn();
  interruption.abort();
  expect(kills()).toEqual([]);
  print.error("12");
  expect(kills()).toEqual([]);
  print.error("34\nmore\n");
  print.error("and more\n");
  expect(kills()).toEqual(["1234"]);
  client.destroy();
  await expect(answer).rejects.toThrow("The command dump was interrupted.");
});

it("ends nothing any more once it has the answer", async () => {
  const { interruption, answer } = ask();
  await turn();
  print.error("1234\n");
  print.reply({ result: "made" });
  client.destroy();
  expect(await answer).toBe("made");
  interruption.abort();
  expect(kills()).toEqual([]);
});
