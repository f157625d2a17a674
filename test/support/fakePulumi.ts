import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * A folder with the examples and a Pulumi CLI that does what a script says. Its calls are noted, and what
 * each got on standard input.
 */
export class FakePulumi {
  readonly folder = mkdtempSync(join(tmpdir(), "lbt-pulumi-"));
  private readonly before = { cwd: process.cwd(), env: { ...process.env } };

  constructor() {
    for (const name of ["examples", "Pulumi.yaml", "Pulumi.prod.yaml"]) {
      cpSync(resolve(name), join(this.folder, name), { recursive: true });
    }
    process.env["PATH"] = `${this.folder}/bin:${process.env["PATH"]}`;
    process.env["XDG_DATA_HOME"] = join(this.folder, "data");
    process.env["PULUMI_CREDENTIALS_PATH"] = join(this.folder, "home");
    for (const name of [
      "BACKEND_URL",
      "ACCESS_TOKEN",
      "CONFIG_PASSPHRASE",
      "CONFIG_PASSPHRASE_FILE",
    ]) {
      delete process.env[`PULUMI_${name}`];
    }
    delete process.env["LATERBASE_STACK_FILE"];
    process.chdir(this.folder);
  }

  /** @param script bash; $* are the words; `note` writes a line of standard input to the list of calls */
  does(script: string): void {
    const bin = join(this.folder, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "calls"), "");
    writeFileSync(
      join(bin, "pulumi"),
      `#!/bin/bash
calls=${bin}/calls
printf '%s\\n' "$*" >>"$calls"
note() { { printf '< '; cat; echo; } >>"$calls"; }
${script}
`,
    );
    chmodSync(join(bin, "pulumi"), 0o755);
  }

  /** Every call, without --non-interactive. */
  calls(): string[] {
    const text = readFileSync(join(this.folder, "bin/calls"), "utf8");
    return text.replaceAll(" --non-interactive", "").trim().split("\n").filter(Boolean);
  }

  logIn(): void {
    const home = join(this.folder, "home");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "credentials.json"), '{"current":"file://~"}');
  }

  remove(): void {
    process.chdir(this.before.cwd);
    process.env = this.before.env;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
