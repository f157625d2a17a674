import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bashScript } from "../../../scripts/cli/completion/scripts";

const root = mkdtempSync(join(tmpdir(), "lbt-completion-"));
afterAll(() => rmSync(root, { recursive: true }));

it("runs nothing that the name of a stack file holds", () => {
  const standby = { flag: "--standby", description: "", takesValue: false, takesStandby: true };
  const words = { global: [standby], commands: [] };
  const script = bashScript(words, { root, roles: [], standbys: [] });
  const stacks = () => {
    const asked = `${script}
      COMP_WORDS=(laterbase --stack ""); COMP_CWORD=2; _laterbase; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", asked], { cwd: root, encoding: "utf8" }).trim().split("\n");
  };
  expect(stacks()).toEqual([""]);
  const files = ["Pulumi.dev.yaml", "Pulumi.my-prod.yaml", "Pulumi.$(touch ran).yaml"].sort();
  for (const name of files) writeFileSync(join(root, name), "");
  expect(stacks()).toEqual(["dev", "my-prod"]);
  expect(readdirSync(root).sort()).toEqual(files);
});
