import { PassThrough } from "node:stream";
import { readFlags, readInput } from "../../../scripts/agent/server/client";

test("flags", () => {
  expect(readFlags(["--trigger", "schedule", "--wait", "--accept-smaller"])).toEqual({
    trigger: "schedule",
    wait: true,
    acceptSmaller: true,
  });
  expect(readFlags(['--database=My "L"=é', "--wait"])).toEqual({
    database: 'My "L"=é',
    wait: true,
  });
  expect(readFlags(["--database", "a", "--database", "b"])).toEqual({ database: ["a", "b"] });
  expect(() => readFlags(["app"])).toThrow('"app" is no option such as --wait.');
});

function typed(...chunks: string[]): NodeJS.ReadStream {
  const input = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  return input as unknown as NodeJS.ReadStream;
}

test("an object on standard input is read although the stream stays open", async () => {
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
