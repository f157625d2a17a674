import { readConfig } from "../../../scripts/standins/ofelia/config";
import { Frames, Output } from "../../../scripts/standins/ofelia/frames";
import { goDuration } from "../../../scripts/standins/ofelia/log";
import { parseSchedule } from "../../../scripts/standins/ofelia/schedule";
import { splitCommand } from "../../../scripts/standins/ofelia/words";

describe("the stand-in's file", () => {
  const job = (...lines: string[]) =>
    readConfig(['[job-exec "a"]', ...lines].join("\n"), "config.ini")[0]!;

  it("allows comments, quotes, escapes and continued lines", () => {
    expect(job("command = a ; no", "schedule = @daily # no")).toMatchObject({
      command: "a",
      schedule: "@daily",
    });
    expect(job(`command = """sh -c 'a; b && c'"""`).command).toBe("sh -c 'a; b && c'");
    expect(job('command = "a \\"b\\" \\\\ # c"').command).toBe('a "b" \\ # c');
    expect(job("command = a \\", "b").command).toBe("a b");
    expect(job("; only a comment", "no-overlap", "TTY = yes")).toMatchObject({
      noOverlap: true,
      tty: true,
    });
  });

  it("runs a job without a user as root", () => {
    expect(job("command = a").user).toBe("root");
    expect(job("user =").user).toBe("root");
    expect(job("user = postgres").user).toBe("postgres");
  });

  it.each([
    ['[job-exec "a"]\ncomand = x', `section "job-exec", subsection "a", variable "comand"`],
    ["[jobs]\n", 'can\'t store data at section "jobs"'],
    ["schedule = @daily", "config.ini:1:1: expected section header"],
    ['[job-exec "a"\n', "config.ini:1:14: expected right bracket"],
    ["[job-exec\n", "config.ini:1:10: expected subsection name or right bracket"],
    ['[job-exec "a]\n', "string not terminated"],
    ['[job-exec "a"]\ncommand = "x', "config.ini:2:13: string not terminated"],
    ['[job-exec "a"]\ncommand = a\\b', "unquoted '\\' must be followed by"],
    ['[job-exec "a"]\ncommand', "blank value not supported"],
    ['[job-exec "a"]\ntty = perhaps', "failed to parse bool"],
    ['[job-run "a"]\n', "[job-run] is part of Ofelia, but not of this stand-in"],
    ["[global]\nsave-folder = /x", "save-folder is part of Ofelia, but not of this stand-in"],
  ])("refuses %j", (text, reason) => {
    expect(() => readConfig(text, "config.ini")).toThrow(reason);
  });
});

describe("the stand-in's commands", () => {
  it.each([
    ["laterbase-agent dump", ["laterbase-agent", "dump"]],
    ["sh -c 'a; b && c'", ["sh", "-c", "a; b && c"]],
    ["a  'b c'd", ["a", "b c", "d"]],
    ["a b'c d'", ["a", "b'c", "d'"]],
    ["a | b > c", ["a", "| b > c"]],
    ["a {b c} d", ["a", "{b c}", "d"]],
    ["a\\ b ''", ["a b", ""]],
    ["$HOME && x", ["$HOME", "&&", "x"]],
    ["", []],
  ])("%j is split into %j, by no shell", (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });
});

describe("the stand-in's schedules", () => {
  const next = (spec: string) =>
    parseSchedule(spec, (time) => ({
      month: time.getUTCMonth() + 1,
      day: time.getUTCDate(),
      weekday: time.getUTCDay(),
      hour: time.getUTCHours(),
      minute: time.getUTCMinutes(),
      second: time.getUTCSeconds(),
    }))(new Date("2026-11-21T10:20:30.400Z"))?.toISOString();

  it.each([
    // Five fields are six fields without the last one.
    ["0 0 * * *", "2026-11-21T11:00:00.000Z"],
    ["30 2 * * *", "2026-11-21T11:02:30.000Z"],
    ["0 0 0 * * *", "2026-11-22T00:00:00.000Z"],
    ["@daily", "2026-11-22T00:00:00.000Z"],
    ["@every 10s", "2026-11-21T10:20:40.000Z"],
    ["@every 300ms", "2026-11-21T10:20:31.000Z"],
    ["@every 1h30m", "2026-11-21T11:50:30.000Z"],
    ["0 0 0 13 * FRI", "2026-11-27T00:00:00.000Z"],
    ["0 0 0 */2 * MON", "2026-11-23T00:00:00.000Z"],
    ["0 0 0 31 2 ?", undefined],
  ])("%s is due next at %s", (spec, expected) => {
    expect(next(spec)).toBe(expected);
  });

  it.each([
    ["0 0 * *", "Expected 5 to 6 fields, found 4"],
    ["0 0 0 0 0 0 0", "Expected 5 to 6 fields, found 7"],
    ["0 0 0 * * 7", "End of range (7) above maximum (6)"],
    ["0 0 0 * * 5-7", "End of range (7) above maximum (6)"],
    ["0 60 * * * *", "End of range (60) above maximum (59)"],
    ["0 9-8 * * * *", "beyond end of range"],
    ["CRON_TZ=UTC 0 0 * * *", "Failed to parse int from CRON_TZ=UTC"],
    ["@reboot", "Unrecognized descriptor: @reboot"],
    ["@every soon", "Failed to parse duration"],
  ])("%s is refused: %s", (spec, reason) => {
    expect(() => parseSchedule(spec)).toThrow(reason);
  });
});

describe("the stand-in's output", () => {
  const frame = (stream: number, text: string) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };

  it("is read from frames, from any chunks", () => {
    const output = new Output();
    const frames = new Frames(false, output);
    const all = Buffer.concat([frame(1, "née "), frame(2, "oops"), frame(1, "out")]);
    for (const byte of all) frames.take(Buffer.from([byte]));
    expect(output).toEqual({ stdout: "née out", stderr: "oops" });
    expect(frames.fault).toBeUndefined();
  });

  it("is an error when a proxy refused the request", () => {
    const frames = new Frames(false, new Output());
    frames.take(Buffer.from("Forbidden\n"));
    expect(frames.fault?.message).toBe("Unrecognized input header: 70");
  });

  it.each([
    [0.25, "250µs"],
    [350.2, "350.2ms"],
    [1500, "1.5s"],
    [62_500, "1m2.5s"],
    [3_600_000, "1h0m0s"],
  ])("%d ms are %s", (milliseconds, text) => {
    expect(goDuration(milliseconds)).toBe(text);
  });
});
