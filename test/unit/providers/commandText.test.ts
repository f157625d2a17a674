import { Capture, type Logging } from "../../../scripts/providers/command/capture";
import { exitText, failure, quote, trimLineEnd } from "../../../scripts/providers/command/goText";
import { exitText as remoteExitText } from "../../../scripts/providers/command/session";

test.each([
  ["plain", '"plain"'],
  ['say "hi"\\', '"say \\"hi\\"\\\\"'],
  ["a\tb\nc\r\v\f\b\x07", '"a\\tb\\nc\\r\\v\\f\\b\\a"'],
  ["\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'],
  ["ü€😀", '"ü€😀"'],
  ["\u00a0\u200b\u{e0001}", '"\\u00a0\\u200b\\U000e0001"'],
])("quotes %j like Go", (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});

test("describes the end of a process like Go", () => {
  expect(exitText(3, null)).toBe("exit status 3");
  expect(exitText(null, "SIGKILL")).toBe("signal: killed");
  expect(exitText(null, "SIGUSR2")).toBe("signal: user defined signal 2");
  expect(exitText(null, "SIGWINCH")).toBe("signal: SIGWINCH");
});

test.each([
  [{ code: 0 }, undefined],
  [{ code: 4 }, "Process exited with status 4"],
  [{ code: null, signal: "SIGTERM" }, "Process exited with status 143 from signal TERM"],
  [
    { code: null, signal: "SIGODD", reason: "no luck" },
    "Process exited with status 128 from signal ODD. Reason was: no luck",
  ],
  [{}, "wait: remote command exited without exit status or exit signal"],
])("describes the end %j on a host", (exit, text) => {
  expect(remoteExitText(exit)).toBe(text);
});

test("a failure has the cause, the command and the output", () => {
  expect(failure("exit status 1", 'a "b"', "out\n").message).toBe(
    'exit status 1: running "a \\"b\\"":\nout\n',
  );
});

test("removes one line end, not more", () => {
  expect(["a\n\n", "a\n", "a", "", " \n"].map(trimLineEnd)).toEqual(["a\n", "a", "a", "", " "]);
});

describe("Capture", () => {
  function capture(
    logging: Logging | undefined,
    chunks: [stream: "stdout" | "stderr", text: string][],
  ) {
    const lines: string[] = [];
    const taken = new Capture(logging, (line) => lines.push(line));
    for (const [stream, text] of chunks) taken.add(stream, Buffer.from(text, "latin1"));
    taken.end();
    return { lines, taken };
  }

  test("shows whole lines from any chunks, and the rest at the end", () => {
    const { lines, taken } = capture(undefined, [
      ["stdout", "fi"],
      ["stderr", "oops\n"],
      ["stdout", "rst\r\nsec"],
      ["stdout", "ond\n\nrest"],
    ]);
    expect(lines).toEqual(["oops", "first", "second", "", "rest"]);
    expect(taken.printed()).toEqual({ stdout: "first\r\nsecond\n\nrest", stderr: "oops" });
    expect(taken.all()).toBe("fioops\nrst\r\nsecond\n\nrest");
  });

  test.each([
    ["stdout", ["out"]],
    ["stderr", ["err"]],
    ["stdoutAndStderr", ["out", "err"]],
    ["none", []],
  ] as const)("with logging %s it shows %j", (logging, shown) => {
    expect(
      capture(logging, [
        ["stdout", "out\n"],
        ["stderr", "err\n"],
      ]).lines,
    ).toEqual(shown);
  });

  test("joins a character that is split between chunks", () => {
    const { lines, taken } = capture(undefined, [
      ["stdout", "\xc3"],
      ["stdout", "\xbc\n"],
    ]);
    expect(lines).toEqual(["ü"]);
    expect(taken.printed().stdout).toBe("ü");
  });

  test("shows the start of an endless line and keeps all of it", () => {
    const chunk: ["stdout", string] = ["stdout", "x".repeat(40_000)];
    const { lines, taken } = capture(undefined, [chunk, chunk, chunk, ["stdout", "\nnext\n"]]);
    expect(lines.map((line) => line.length)).toEqual([64 * 1024, 4]);
    expect(taken.printed().stdout).toHaveLength(120_005);
  });
});
