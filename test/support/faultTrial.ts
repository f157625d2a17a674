import type { Check } from "../../contract/health/check";
import type { HealthReport } from "../../contract/health/report";
import { escaped } from "../../scripts/agent/health/page/html";
import { ok, type Ran, run, until } from "./process";
import type { Stack } from "./stack";

/** A fault of a stack, what names it, and how it is repaired. */
export interface Fault {
  fault: string;
  /** Makes it. */
  make: () => Promise<unknown>;
  /** The check that names it, and how soon after `make`, in seconds. */
  check: string;
  within: number;
  /** What the printed command is. */
  command: RegExp;
  /** What a person puts right before the command is run. */
  first?: () => Promise<unknown>;
  /** The command shows the cause only: it is run while the fault is there too, and ends with one of these codes then. */
  shows?: readonly number[];
  /** The command is not for a test, because it changes the machine. `first` does what it says. */
  notRun?: true;
}

export const isWrong = ({ status }: Check): boolean => status !== "good" && status !== "pending";

/** Makes real faults on a real stack with a monitor, and has the printed commands repair them. */
export class FaultTrial {
  constructor(
    readonly stack: Stack,
    private readonly healthPort: number,
  ) {}

  async report(): Promise<HealthReport> {
    const answer = await fetch(`http://127.0.0.1:${this.healthPort}/health`);
    const said = (await answer.json()) as HealthReport;
    expect(answer.status).toBe(said.status === "unhealthy" ? 503 : 200);
    return said;
  }

  /** Waits until everything is good. The error says what is not. */
  async healthy(seconds: number): Promise<void> {
    let wrong: string[] = [];
    await until(
      "everything is good",
      async () => {
        wrong = (await this.report()).checks
          .filter(isWrong)
          .map(({ name, sentence }) => `${name}: ${sentence}`);
        return wrong.length === 0;
      },
      seconds,
    ).catch((error: Error) => {
      throw new Error(`${error.message} Still wrong: ${wrong.join(" ")}`);
    });
  }

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

  /** Makes a fault and waits until the monitor names it: in `/health` and on its page, and by both commands. */
  async named({ fault, make, check, within, command }: Fault): Promise<Check> {
    await make();
    const begun = Date.now();
    const found = await this.until(
      `the check ${check} names a command like ${command.source}`,
      check,
      (one) => isWrong(one) && command.test(one.command ?? ""),
      within,
    );
    const seconds = Math.round((Date.now() - begun) / 1000);
    process.stderr.write(
      `${fault}: ${check} is ${found.status} after ${seconds} s of ${within} s\n`,
    );
    const headers = { accept: "text/html" };
    const page = await fetch(`http://127.0.0.1:${this.healthPort}/`, { headers });
    expect(await page.text()).toContain(`<code>${escaped(found.command!)}</code>`);
    const shown = await this.stack.laterbase("health");
    expect([shown.code === 0, shown.stdout]).toEqual([
      false,
      expect.stringContaining(`next: ${found.command!}`),
    ]);
    const status = await this.stack.laterbase("status", "--json");
    const { verdict, checks } = JSON.parse(status.stdout) as { verdict: string; checks: Check[] };
    expect(verdict).not.toBe("healthy");
    expect(checks.filter(({ name }) => name === check).some(isWrong)).toBe(true);
    return found;
  }

  /** The whole way: it is named, the printed command repairs it, and everything is good again. */
  async proves(fault: Fault): Promise<void> {
    const { first, shows, notRun } = fault;
    const { command } = await this.named(fault);
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
    expect((await this.stack.laterbase("health")).code).toBe(0);
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
  sql(role: "primary" | "standby", text: string, database = "postgres"): Promise<string> {
    const place = ["-h", `/run/pg/${role}`, "-U", "postgres", "-d", database];
    return this.inside(role, "psql", "-v", "ON_ERROR_STOP=1", "-XAtqc", text, ...place);
  }

  /** Runs a program in a container of the stack. */
  inside(role: string, ...words: string[]): Promise<string> {
    return ok("docker", ["exec", this.stack.container(role), ...words]);
  }
}

export const docker = (...words: string[]): Promise<string> => ok("docker", words);
