import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { answer } from "../../../scripts/cli/terminal/terminal";

const interrupted = "Interrupted at the question: nothing was changed.";

describe("a question", () => {
  const asked = () => {
    const input = new PassThrough();
    const output = new PassThrough().resume();
    return { input, said: answer("Who? ", input, output) };
  };

  it("shows what a name does to a terminal, and leaves our line breaks", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const shown: Buffer[] = [];
    output.on("data", (chunk: Buffer) => shown.push(chunk));
    const said = answer("One\nof \u001b[3Ax\r?\u009b2J ", input, output);
    input.write("yes\n");
    await said;
    const text = Buffer.concat(shown).toString();
    expect(text).toContain("One\n");
    expect(text).toContain("of \\x1b[3Ax\\r?\\x9b2J ");
  });

  it("gives the line that is typed", async () => {
    const { input, said } = asked();
    input.write("Ada Lovelace\n");
    await expect(said).resolves.toBe("Ada Lovelace");
  });

  it.each([
    ["Ctrl-C", "\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("ends with %s", async (_key, code) => {
    const { input, said } = asked();
    input.write(code);
    await expect(said).rejects.toThrow(interrupted);
  });

  it("ends when the terminal is closed", async () => {
    const { input, said } = asked();
    input.end();
    await expect(said).rejects.toThrow(interrupted);
  });
});

it("a reader that goes away ends the command without a trace", async () => {
  const words = ["--import", "tsx", "scripts/cli/laterbase.ts", "--help"];
  const running = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  running.stdout.destroy();
  const complaints: Buffer[] = [];
  running.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  await new Promise((resolve) => running.on("close", resolve));
  expect(Buffer.concat(complaints).toString()).toBe("");
});
