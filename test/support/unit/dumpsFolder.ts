import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Manifest } from "../../../contract/manifest";
import { sign } from "../../../scripts/agent/dump/signature";
import type { Context } from "../../../scripts/agent/kit/context";
import { wholeManifest } from "./wholeManifest";

const key = "of the stack";

/** The folders of an agent with finished dumps in them, and what its commands get. */
export class DumpsFolder {
  readonly folder = mkdtempSync(join(tmpdir(), "lbt-dumps-"));
  readonly backups = join(this.folder, "backups");
  readonly log: string[] = [];
  readonly context: Context;

  constructor() {
    for (const name of ["backups/.partial", "etc", "run", "records"]) {
      mkdirSync(join(this.folder, name), { recursive: true });
    }
    writeFileSync(join(this.folder, "etc/manifest-key"), key);
    const paths = { backups: this.backups, ...this.below("etc", "run", "records") };
    this.context = {
      paths,
      config: { stack: "x", dumps: { retentionDays: 1, retentionCount: 1 } },
      log: (line: string) => this.log.push(line),
    } as unknown as Context;
  }

  /** Writes a dump. `at` is its folder below the backups. */
  add(at: string, database: string, takenAt: string, signature: "ours" | "changed" = "ours"): void {
    const folder = join(this.backups, at);
    mkdirSync(folder, { recursive: true });
    const content = `the rows of ${database}`;
    const name = `${database}.backup`;
    const sha256 = createHash("sha256").update(content).digest("hex");
    const manifest: Manifest = {
      ...wholeManifest,
      takenAt,
      database: { ...wholeManifest.database, name: database },
      files: [{ kind: "dump", name, bytes: content.length, sha256 }],
    };
    const text = JSON.stringify(manifest);
    writeFileSync(join(folder, name), content);
    writeFileSync(join(folder, "manifest.json"), text);
    const signed = signature === "ours" ? text : `${text} `;
    writeFileSync(join(folder, "manifest.sig"), sign(key, signed));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private below<Name extends string>(...names: Name[]): Record<Name, string> {
    const entries = names.map((name) => [name, join(this.folder, name)]);
    return Object.fromEntries(entries) as Record<Name, string>;
  }
}
