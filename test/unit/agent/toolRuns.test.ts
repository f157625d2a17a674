import { existsSync, readFileSync } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { Failure, sentenceOf } from "../../../scripts/agent/kit/failure";
import { runTool } from "../../../scripts/agent/kit/tools";
import { until } from "../../support/process";

const bash = (script: string, options = {}) => runTool("bash", ["-c", script], options);

test("output, and messages apart from it", async () => {
  const lines: string[] = [];
  const { stdout, stderr } = await bash("echo out; echo warning >&2", {
    onLine: (line: string) => lines.push(line),
  });
  expect([stdout, stderr, lines]).toEqual(["out\n", "warning", ["warning"]]);
});

test("output into a stream, input from a text", async () => {
  const output = new PassThrough();
  const [, taken] = await Promise.all([
    runTool("cat", [], { input: "hello", output }),
    text(output),
  ]);
  expect(taken).toBe("hello");
});

test("a failure says why in one sentence", async () => {
  await expect(
    bash("echo 'bash: error: no such thing' >&2; echo noise >&2; exit 3"),
  ).rejects.toThrow(new Failure("bash ended with exit code 3: no such thing."));
  await expect(bash("kill -9 $$")).rejects.toThrow("bash was ended by SIGKILL.");
  await expect(runTool("no-such-tool", [])).rejects.toThrow("no-such-tool cannot be started");
});

test("what a server advises is part of the reason", async () => {
  const said = [
    "bash: error: query failed: ERROR:  out of shared memory",
    'HINT:  You might need to increase "max_locks_per_transaction".',
    'bash: detail: Query was: LOCK TABLE "t" IN ACCESS SHARE MODE',
  ];
  await expect(bash(`cat >&2 <<'EOF'\n${said.join("\n")}\nEOF\nexit 1`)).rejects.toThrow(
    'bash ended with exit code 1: query failed: ERROR:  out of shared memory. You might need to increase "max_locks_per_transaction".',
  );
});

test("what a server said is part of the reason", async () => {
  const said = [
    'bash: error: Dumping the contents of table "big" failed: PQgetResult() failed.',
    "bash: detail: Error message from server: ERROR:  canceling statement due to conflict with recovery",
    "DETAIL:  User was holding a relation lock for too long.",
  ];
  await expect(bash(`cat >&2 <<'EOF'\n${said.join("\n")}\nEOF\nexit 1`)).rejects.toThrow(
    'bash ended with exit code 1: Dumping the contents of table "big" failed: canceling statement due to conflict with recovery.',
  );
});

test("messages are lines, and nothing is kept of a line that no person would read to its end", async () => {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  await bash("{ printf 'é\\r\\nx%.0s\\n' 1; printf 'y%.0s' {1..30000}; printf '\\nlast'; } >&2", {
    onLine,
  });
  expect(lines).toEqual(["é", "x", "y".repeat(10_000), "last"]);
});

test("an error of a server is a sentence of some length, and one of ours is whole", () => {
  const long = "x".repeat(5000);
  expect(sentenceOf(new Error(long))).toBe(`${"x".repeat(2000)} …`);
  expect(sentenceOf(Object.assign(new Error("no"), { hint: long }))).toBe(
    `no. ${"x".repeat(2000)}`,
  );
  expect(sentenceOf(new Failure(long))).toBe(long);
});

test("output that cannot be taken is a failure, although the tool had none", async () => {
  const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error("disk full")) });
  await expect(bash("yes", { output })).rejects.toThrow("bash's output: disk full.");
});

test("a signal ends the tool and what it started, with the signal's reason", async () => {
  const ended = new AbortController();
  const running = bash("sleep 600 & echo $! >&2; wait", {
    signal: ended.signal,
    onLine: (line: string) => {
      child = Number(line);
      ended.abort(new Failure("enough"));
    },
  });
  let child = 0;
  await expect(running).rejects.toThrow(new Failure("enough"));
  await until(
    "what it started has ended",
    () => {
      const stat = `/proc/${child}/stat`;
      // Without an init process that reaps orphans, it stays a zombie.
      return Promise.resolve(!existsSync(stat) || readFileSync(stat, "utf8").includes(") Z "));
    },
    30,
  );
});
