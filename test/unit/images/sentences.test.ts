import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const files = readdirSync("images", { recursive: true, encoding: "utf8" })
  .map((name) => join("images", name))
  .filter((name) => statSync(name).isFile());

it("says nothing of lines above in a state, which up and the monitor show far from the log", () => {
  const said = files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => /\b(?:status|give_up)\b.*\babove\b/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(said).toEqual([]);
});
