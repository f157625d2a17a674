import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:net";
import { asText, changeLines } from "../../../scripts/wrapper/words";
import { ok } from "../../support/process";
import {
  record,
  recorded,
  recordedTitles,
  shortened,
  stepsOf,
} from "../../support/recordedPreviews";
import { Stack } from "../../support/stack";
import { secretsOfPreviews, wordsChanges, wordsStack } from "../../support/wordsStack";

// The previews that test/unit/wrapper/words reads, made by the real CLI of a real stack, and how long its parts
// are away. LATERBASE_GOLDEN=write records them again.
const stack = new Stack("t-words");
const writes = process.env["LATERBASE_GOLDEN"] === "write";

jest.setTimeout(600_000);

beforeAll(async () => {
  await stack.configure(wordsStack);
  await stack.up();
}, 900_000);

afterAll(() => stack.remove(), 300_000);

/** The engine's log of a preview, as the wrapper reads it. */
async function logOf(...args: string[]): Promise<string> {
  const env = { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
  const { code, stdout, stderr } = await stack.pulumi(["preview", "--json", ...args], { env });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

/** The words of a real preview. They are those of its recording. */
function expectRecorded(title: string, log: string): void {
  const text = asText(changeLines(stepsOf(log)));
  // The whole log also has the configuration, which is plain text in this test's stack file.
  const kept = shortened(log);
  expect(secretsOfPreviews.filter((secret) => kept.includes(secret))).toEqual([]);
  if (writes) record(title, log);
  expect(recordedTitles()).toContain(title);
  expect(text).toBe(asText(changeLines(stepsOf(recorded(title)))));
}

async function changed(title: string): Promise<void> {
  const keys = structuredClone(wordsStack);
  wordsChanges[title]!(keys);
  await stack.configure(keys);
}

it("is silent when nothing changes", async () => {
  expect(asText(changeLines(stepsOf(await logOf())))).toBe("");
});

it.each(Object.keys(wordsChanges))("has the words of its recording: %s", async (title) => {
  await changed(title);
  expectRecorded(title, await logOf());
});

it("names what somebody changed on the primary, and what was removed from the engine", async () => {
  await stack.configure(wordsStack);
  const sql = "ALTER ROLE laterbase_t_words NOLOGIN";
  const psql = ["psql", "-h", "/run/pg/primary", "-U", "postgres", "-c", sql];
  await ok("docker", ["exec", stack.container("primary"), ...psql]);
  const log = await logOf();
  // The time at which it was seen is another one in each preview.
  const text = asText(changeLines(stepsOf(log)));
  expect(text).toMatch(
    /^primary: role laterbase_t_words has other attributes \(seen [^)]+\): the role is set again, nothing restarts\n$/,
  );
  if (writes) record("drift-role", log);
  await stack.up();
  await ok("docker", ["rm", "--force", stack.container("agent")]);
  expectRecorded("agent-gone", await logOf("--refresh"));
  await stack.up("--refresh");
  expect(asText(changeLines(stepsOf(await logOf())))).toBe("");
});

it("says about how long each part is away", async () => {
  await changed("time-zone");
  const watches = Object.entries({
    primary: wordsStack["primary"].port as number,
    standby: wordsStack["standbys"][0].port as number,
    pooler: wordsStack["pooler"].port as number,
    pgAdmin: wordsStack["pgAdmin"].port as number,
    duplicati: wordsStack["duplicati"].port as number,
  }).map(([part, port]) => ({ part, ...watch(port) }));
  await stack.up();
  await sleep(1000);
  const away = watches.map(({ part, stop }) => [part, Math.round(stop() / 100) / 10] as const);
  console.log(away.map(([part, seconds]) => `${part} was away for ${seconds} s`).join("\n"));
  for (const [, seconds] of away) expect(seconds).toBeLessThan(45);
});

/** Watches a port, and returns the longest time in milliseconds in which nothing listened there. */
function watch(port: number): { stop: () => number } {
  let [longest, since, running] = [0, 0, true];
  const loop = async () => {
    while (running) {
      const there = await listens(port);
      if (there) since = 0;
      else since ||= Date.now();
      if (since) longest = Math.max(longest, Date.now() - since);
      await sleep(100);
    }
  };
  void loop();
  return {
    stop: () => {
      running = false;
      return longest;
    },
  };
}

/** Docker's proxy accepts for a container that does not listen yet, and closes at once. */
function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (there: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(there);
    };
    const timer = setTimeout(() => end(true), 300);
    socket.once("error", () => end(false)).once("close", () => end(false));
  });
}
