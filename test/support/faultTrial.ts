import type { Check } from "../../contract/health/check";
import { boundOf, documentedFault } from "./documentedFaults";
import { MonitorSays } from "./monitorSays";
import { ok, type Ran, run, until } from "./process";
import { wrongIn } from "./saidText";

/** A fault of a stack, what names it, and how it is repaired. docs/health-checks.md says how soon it is named. */
export interface Fault {
  /** As docs/health-checks.md calls it. */
  fault: string;
  /** Makes it. */
  make: () => Promise<unknown>;
  /** The check that names it. */
  check: string;
  /** What it says of it. */
  sentence: RegExp;
  /** What the printed command is. */
  command: RegExp;
  /** What a person puts right before the command is run. */
  first?: () => Promise<unknown>;
  /** The command shows the cause only: it is run while the fault is there too, and ends with one of these codes then. */
  shows?: readonly number[];
  /** The command is not for a test, because it changes the machine. `first` does what it says. */
  notRun?: true;
}

/** Makes real faults on a real stack with a monitor, and has the printed commands repair them. */
export class FaultTrial extends MonitorSays {
  /** Waits until a check is as wanted, and returns it. */
  async until(
    what: string,
    name: string,
    fits: (check: Check) => boolean,
    seconds: number,
  ): Promise<Check> {
    let found: Check | undefined;
    await until(
      what,
      async () => {
        found = (await this.report()).checks.find((check) => check.name === name);
        return found !== undefined && fits(found);
      },
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message} It is: ${JSON.stringify(found)}`);
    });
    return found!;
  }

  /**
   * Makes a fault and waits until the monitor names it, in the time that docs/health-checks.md states. Then `/health`, the
   * page, both commands, a message and an alert say the same.
   */
  async named({ fault, make, check, sentence, command }: Fault): Promise<Check> {
    const documented = documentedFault(fault);
    expect(check).toMatch(documented.check);
    const within = boundOf(documented, this.around?.thresholds);
    const before = (await this.around?.messages.messages())?.length ?? 0;
    return this.reading(async () => {
      await make();
      const begun = Date.now();
      const found = await this.until(
        `the check ${check} says ${sentence.source}, with a command like ${command.source}`,
        check,
        (one) =>
          wrongIn({ checks: [one] }).length > 0 &&
          sentence.test(one.sentence) &&
          command.test(one.command ?? ""),
        within,
      );
      const seconds = Math.round((Date.now() - begun) / 1000);
      process.stderr.write(
        `${fault}: ${check} is ${found.status} after ${seconds} s of ${within} s\n`,
      );
      await this.sameEverywhere(check);
      await this.told(before, found);
      await this.alerted(found);
      return found;
    });
  }

  /** The whole way: it is named, the printed command repairs it, and everything is good again. */
  async proves(fault: Fault): Promise<void> {
    try {
      await this.repaired(fault, await this.named(fault));
    } catch (error) {
      // What a person puts right must not be missing in the next fault.
      await fault.first?.().catch(() => undefined);
      throw error;
    }
  }

  private async repaired(
    { first, shows, notRun, check }: Fault,
    { command }: Check,
  ): Promise<void> {
    const before = (await this.around?.messages.messages())?.length ?? 0;
    await this.reading(async () => {
      if (shows) {
        const { code, stdout, stderr } = await this.asPrinted(command!);
        if (!shows.includes(code))
          throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`);
      }
      await first?.();
      if (!notRun) {
        const { code, stdout, stderr } = await this.asPrinted(command!);
        if (code !== 0 && code !== 3) throw new Error(`${command}: ${stdout}${stderr}`);
      }
      await this.healthy(240);
      await this.told(before, { name: check, status: "good" });
      await this.saysHealthy();
    });
  }

  /** Runs a command as the monitor printed it. */
  asPrinted(command: string): Promise<Ran> {
    const words = command.replace(` --stack ${this.stack.name}`, "");
    const operator = /^npm run laterbase -- (.*)$/.exec(words)?.[1];
    if (operator !== undefined) return this.stack.laterbase(...operator.split(" "));
    const up = /^npm run pulumi -- up(.*)$/.exec(words)?.[1];
    if (up !== undefined) {
      const more = up.split(" ").filter(Boolean);
      return this.stack.wrapped("up", "--yes", "--skip-preview", ...more);
    }
    return run("bash", ["-c", command]);
  }

  /** Asks a server of the stack as its superuser. */
  sql(role: string, text: string, database = "postgres"): Promise<string> {
    const kind = role === "primary" ? role : "standby";
    const place = ["-h", `/run/pg/${kind}`, "-U", "postgres", "-d", database];
    return this.inside(role, "psql", "-v", "ON_ERROR_STOP=1", "-XAtqc", text, ...place);
  }

  /** Runs a program in a container of the stack. */
  inside(role: string, ...words: string[]): Promise<string> {
    return ok("docker", ["exec", this.stack.container(role), ...words]);
  }
}

export const docker = (...words: string[]): Promise<string> => ok("docker", words);
