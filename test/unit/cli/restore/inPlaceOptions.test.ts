import { main } from "../../../../scripts/cli/main";
import type { Connections } from "../../../../scripts/cli/session";

async function said(...words: string[]): Promise<[number, string]> {
  const lines: string[] = [];
  const write = jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  const code = await main(["restore", ...words], {
    readOutputs: () => Promise.reject(new Error("nothing is asked")),
    terminal: { print: () => undefined, progress: (line: string) => lines.push(line) },
  } as unknown as Connections).finally(() => write.mockRestore());
  return [code, lines[0]?.trim() ?? ""];
}

it.each<[string[], string]>([
  [["--delta"], "error: --delta goes with --in-place, as in restore --in-place --delta"],
  [
    ["--in-place", "--port", "5499"],
    "error: --port and --database go with a server beside the primary, and not with --in-place",
  ],
  [["--accept", "--undo"], "error: --accept goes with no other option than --yes"],
  [["--undo", "--in-place"], "error: --undo goes with no other option than --yes"],
  [["--undo", "--to-name", "x"], "error: --undo goes with no other option than --yes"],
  [
    ["--in-place", "--to-name", "x", "--immediate"],
    "error: --to-name and --immediate do not go together: a restore has one target.",
  ],
  [
    ["--in-place", "--to-time", "noon"],
    'error: --to-time takes a date and a time, such as --to-time "2026-11-29 12:00:00+00:00", and not "noon".',
  ],
])("refuses restore %j before anything is asked", async (words, sentence) => {
  expect(await said(...words)).toEqual([2, sentence]);
});
