import { answered } from "../../support/docs/terminal";

describe("a terminal", () => {
  it("gets an answer after each question, and the exit code comes back", async () => {
    const script = `read -rp 'Name: ' a; read -rp 'Sure? ' b; echo "$a, $b"; exit 3`;
    const { code, stdout } = await answered(`bash -c '${script.replaceAll("'", "'\\''")}'`, [
      "x y",
      "z",
    ]);
    expect([code, stdout]).toEqual([3, expect.stringMatching(/\nx y, z\n$/)]);
  });

  it("sees a question between colours and the place of the cursor", async () => {
    const asks = `printf '\\033[?25l\\rvalue:  \\r'; read -r a; echo "got $a"`;
    const { stdout } = await answered(`bash -c '${asks.replaceAll("'", "'\\''")}'`, ["x"]);
    expect(stdout).toMatch(/got x\n$/);
  });

  it("fails when an answer was not asked for", async () => {
    const { code, stderr } = await answered("true", ["dev"]);
    expect([code, stderr]).toEqual([128, "\nnot asked for: dev"]);
  });
});
