import {
  type PrimarySettings,
  remains,
  scramVerifier,
  type StepInput,
  type StepName,
  stepScript,
  type StepValues,
} from "../../scripts/primary";
import { type Ran, run } from "./process";
import { type Stranger, superuser, superuserPassword } from "./primaryServer";

export const rolePassword = "Generated0Password1Of2Replication";
export const slot = "laterbase_standby_slot";

/** Runs a script by one transport. `remains` is what destroy says when that fails. */
export type Way = (script: string, mode: string, remains: readonly string[]) => Promise<Ran>;

/** A stack's steps on a server of another owner. */
export class Steps {
  settings: PrimarySettings;
  values: StepValues = {
    slots: [slot],
    slot,
    verifier: scramVerifier(rolePassword, Buffer.alloc(16, 5)),
    size: "10GB",
    allowFrom: ["samenet", "192.168.7.0/24", "fd00::/8"],
    password: rolePassword,
  };

  constructor(
    private readonly server: Stranger,
    owner = "laterbase/test#0a1b2c3d",
    readonly way: Way = (script, mode) => server.script(script, mode),
  ) {
    this.settings = {
      stack: owner,
      role: `laterbase_${owner.replace(/.*\/(.*)#.*/, "$1")}`,
      host: server.name,
      port: 5432,
      superuser,
      superuserPassword,
      database: "postgres",
      version: server.major,
      transport: { kind: "sql" },
    };
  }

  run(step: StepName, mode = "apply", values: StepValues = {}): Promise<Ran> {
    const all = { ...this.values, ...values };
    const sent = remains(this.settings, all, step);
    return this.way(stepScript(step, this.settings, all), mode, sent);
  }

  /** Runs a step that must work, and returns what it said. */
  async must(step: StepName, mode = "apply", values: StepValues = {}): Promise<string> {
    const ran = await this.run(step, mode, values);
    if (ran.code !== 0) throw new Error(`${step} ${mode} ended with ${ran.code}: ${ran.stderr}`);
    return ran.stdout.trim();
  }

  /** Runs a step that must fail, and returns what it said. */
  async refused(step: StepName, mode = "apply", values: StepValues = {}): Promise<string> {
    const ran = await this.run(step, mode, values);
    if (ran.code === 0) throw new Error(`${step} ${mode} did not fail: ${ran.stdout}`);
    return ran.stderr.trim();
  }

  async applyAll(): Promise<string[]> {
    const said: string[] = [];
    const roles = ["role", ...this.readers()] as const;
    for (const step of ["preflight", ...roles, "slotWalLimit", "slot", "hba"] as const) {
      said.push(await this.must(step));
    }
    return said;
  }

  async removeAll(): Promise<string[]> {
    const said: string[] = [];
    for (const step of ["hba", "slot", "slotWalLimit", ...this.readers(), "role"] as const) {
      said.push(await this.must(step, "remove"));
    }
    return said;
  }

  /** The roles that read. */
  private readers(): ("dumps" | "pgAdmin")[] {
    return (["dumps", "pgAdmin"] as const).filter((step) => this.values[step]);
  }
}

/** Plain SQL: in a container of its own on the server's network, as `up` does it. */
export function inContainer(server: Stranger, env: Record<string, string> = {}): Way {
  return (script, mode, remains) =>
    run(process.execPath, ["--import", "tsx", "scripts/steps/primaryStep.ts", mode], {
      input: JSON.stringify({ script, remains } satisfies StepInput),
      env: {
        LATERBASE_ENGINE: "",
        LATERBASE_IMAGE: server.image,
        LATERBASE_NETWORK: server.name,
        ...env,
      },
    });
}
