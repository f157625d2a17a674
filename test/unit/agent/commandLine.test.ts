import { PassThrough } from "node:stream";
import { askedCommand, commandNamed } from "../../../scripts/agent/commands";
import { readCommandLine, readInput } from "../../../scripts/agent/server/commandLine";

const read = (command: string, ...words: string[]) => readCommandLine(askedCommand(command), words);

test("the options of a command", () => {
  expect(read("dump", "--trigger", "schedule", "--wait", "--accept-smaller")).toEqual({
    json: false,
    args: { trigger: "schedule", wait: true, acceptSmaller: true },
  });
  expect(read("list-dumps", '--database=My "L"=é', "--json")).toEqual({
    json: true,
    args: { database: 'My "L"=é' },
  });
  expect(read("dump", "--database", "a", "--database", "b").args).toEqual({
    database: ["a", "b"],
  });
});

test.each([["app"], ["--no-such"], ["--trigger"]])("%s is refused in a sentence", (word) => {
  expect(() => read("dump", word)).toThrow(
    expect.objectContaining({ name: "Failure", message: expect.stringContaining(word) }),
  );
});

test("an unknown command is refused, and an internal one cannot be asked for", () => {
  const names =
    "dump, upload, list-dumps, restore-dump, verify-dump, delete-dump, take-dumps, duplicati-job, " +
    "backup, list-backups, check-backups, verify-backups, drill, maintain-backups, " +
    "restore-plan, restore-point, record-restore, hold-expire, discard-timeline, overview";
  for (const name of ["constructor", "databases"]) {
    expect(() => askedCommand(name)).toThrow(`There is no command "${name}". There are ${names}.`);
  }
  expect(commandNamed("databases")?.internal).toBe(true);
});

function typed(...chunks: string[]): NodeJS.ReadStream {
  const input = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  return input as unknown as NodeJS.ReadStream;
}

test("an object on standard input is read while the stream stays open", async () => {
  expect(await readInput(typed('{"a": {"b": 1}', ', "c": "}"', "}\n"))).toEqual({
    a: { b: 1 },
    c: "}",
  });
});

test("no input, and no object", async () => {
  const empty = typed();
  (empty as unknown as PassThrough).end();
  expect(await readInput(empty)).toEqual({});
  const bad = typed("hello");
  (bad as unknown as PassThrough).end();
  await expect(readInput(bad)).rejects.toThrow("no JSON object");
});
