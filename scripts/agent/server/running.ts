import type { RunningWork } from "../../../contract/agentOverview";

/** What people call the commands that are work. The others only look. */
const names: Readonly<Record<string, string>> = {
  dump: "dump",
  upload: "upload",
  backup: "backup",
  drill: "drill",
  "restore-dump": "restore-dump",
  "verify-dump": "verify-dump",
  "check-backups": "check",
  "verify-backups": "verify",
  "maintain-backups": "maintenance",
  "restore-point": "restore-point",
};

/** The work of the agent that is under way, or that waits for its turn. */
export class Running {
  private readonly all = new Set<RunningWork>();

  /** Does a piece of work, and knows it until its end. */
  async during<T>(command: string, args: Record<string, unknown>, work: Promise<T>): Promise<T> {
    const name = names[command];
    if (name === undefined) return work;
    const type = typeof args["type"] === "string" ? ` ${args["type"]}` : "";
    const one = { name: `${name}${type}`, since: new Date().toISOString() };
    this.all.add(one);
    try {
      return await work;
    } finally {
      this.all.delete(one);
    }
  }

  /** The longest first. */
  list(): RunningWork[] {
    return [...this.all];
  }
}
