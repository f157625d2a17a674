import { Argument, InvalidArgumentError, Option } from "commander";
import { partsAmong } from "../parts/part";
import type { OperatorCommand } from "../operatorCommand";
import type { LogsResult } from "../results";
import type { Session } from "../session";
import { resourcesOf } from "../stack/exportedState";
import { CliError } from "../terminal/cliError";
import { moment } from "../terminal/format";

interface LogsOptions {
  follow?: true;
  since?: number;
  tail?: number | "all";
}

export const logs: OperatorCommand = {
  name: "logs",
  description: "show what a container of the stack has logged",
  example: "logs standby --since 10m",
  documented: "docs/command.md#logs",
  arguments: [
    new Argument("<role>", "the container: primary, agent, pooler, … or a standby's name"),
  ],
  options: [
    new Option("-f, --follow", "go on with what is logged from now on, until Ctrl-C"),
    new Option(
      "--since <time>",
      "from then on: 10m, 2h, 3d, or a time such as 2026-11-29T20:00Z",
    ).argParser((text) => sinceOf(text)),
    new Option(
      "--tail <lines>",
      "so many lines of before, or all (default: 100, with --since all)",
    ).argParser(tailOf),
  ],
  run: showLog,
};

async function showLog(session: Session, role: string, options: LogsOptions): Promise<void> {
  const { follow = false, since, tail } = options;
  if (follow && session.isJson) {
    throw new CliError(
      "--follow has no end, and --json prints one value: leave one of them out.",
      2,
    );
  }
  const parts = partsAmong(resourcesOf((await session.stackState()).state));
  const part = parts.find(({ name, container }) => name === role || container === role);
  if (!part) {
    const names = parts.map(({ name }) => name).join(", ");
    throw new CliError(
      `The stack ${session.stack} has no container ${JSON.stringify(role)}: choose from ${names}.`,
      2,
    );
  }
  const { container: name, host } = part;
  const lines: LogsResult["lines"] = [];
  const { signal, servers, terminal } = session;
  const last = tail ?? (since === undefined ? 100 : "all");
  const asked = {
    tail: last,
    follow,
    ...(since === undefined ? {} : { since }),
    ...(signal ? { signal } : {}),
  };
  await servers.readLog({ name, ...(host ? { host } : {}) }, asked, (line) => {
    if (session.isJson) lines.push(line);
    else terminal.print(line.text);
  });
  if (session.isJson)
    session.show({ role: part.name, container: name, lines } satisfies LogsResult, () => "");
  else if (follow && !signal?.aborted)
    terminal.progress(`The log of ${name} ended: the container stopped, or its engine went away.`);
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Unix time in seconds. */
export function sinceOf(text: string, now = Date.now()): number {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (number !== undefined && unit !== undefined) {
    return Math.floor(now / 1000) - Number(number) * seconds[unit]!;
  }
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return Math.floor(at / 1000);
  throw new InvalidArgumentError(
    `It must be a time span such as 10m, 2h or 3d, or a time such as ${moment(new Date(now).toISOString()).slice(0, 16).replace(" ", "T")}Z.`,
  );
}

function tailOf(text: string): number | "all" {
  if (text === "all") return text;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a number of lines, or all.");
}
