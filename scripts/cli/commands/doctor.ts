import type { OperatorCommand } from "../operatorCommand";
import type { DoctorFinding, DoctorResult } from "../results";
import type { Session } from "../session";
import { findings } from "../doctor/findings";
import { collectSettled } from "../status/settled";
import { NeedsSetUp } from "../stack/pulumi";
import { upCommand } from "../stack/outputs";
import { CliError } from "../terminal/cliError";
import { count } from "../terminal/format";

export const doctor: OperatorCommand = {
  name: "doctor",
  description:
    "examine everything, and name what to do: parts, drift on the primary, what stops 'up'; changes nothing",
  example: "doctor",
  documented: "docs/command.md#doctor",
  needs: "pulumi",
  exits: {
    1: "something does not work, or stops the next 'up'",
    3: "something is not as it should be, or could not be examined",
  },
  run: examine,
};

async function examine(session: Session): Promise<void> {
  const { stack, servers, signal, terminal } = session;
  const known = await session.stackState();
  const { assess, driftNow, lookNow } = session.looks;
  terminal.progress(
    "Examining the parts, the primary, and what the next 'up' needs. This takes some seconds.",
  );
  const [checks, drift, looks, preflight] = await Promise.all([
    orWhy(async () => assess(stack, known.plain, await collectSettled(session, known)).checks),
    orWhy(() => driftNow(stack)),
    orWhy(() => lookNow(known, signal)),
    orWhy(() => servers.preflight(stack, () => undefined, signal)),
  ]);
  session.stopIfInterrupted("nothing was changed");
  const word =
    stack === "dev" ? "npm run pulumi -- preview" : `npm run pulumi -- preview --stack ${stack}`;
  const found = findings(
    { checks, drift, looks, preflight },
    {
      ...{ up: upCommand(stack), preview: word },
      ...{ doctor: session.command("doctor"), preflight: session.command("preflight") },
    },
  );
  const has = (level: DoctorFinding["level"]) => found.some((one) => one.level === level);
  const verdict = has("failed")
    ? "unhealthy"
    : has("degraded") || has("unknown")
      ? "degraded"
      : "healthy";
  const result: DoctorResult = { stack, verdict, findings: found };
  session.show(result, () => doctorText(result));
  if (verdict !== "healthy") throw new CliError("", verdict === "unhealthy" ? 1 : 3);
}

/** One part of the examination that fails hides no other. */
async function orWhy<T>(work: () => Promise<T>): Promise<T | { unknown: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NeedsSetUp) throw error;
    const [said = ""] = (error as Error).message.trim().split("\n");
    return { unknown: said };
  }
}

export function doctorText({ verdict, findings: all }: DoctorResult): string {
  const bad = all.filter(({ level }) => level !== "note");
  const head =
    bad.length === 0
      ? "HEALTHY: Nothing is wrong."
      : `${verdict.toUpperCase()}: ${count(bad.length, "finding")}, the worst first.`;
  const lines = all.map(({ level, area, name, sentence, command }) =>
    [
      `${level.toUpperCase().padEnd(9)} ${name} (${area}): ${sentence}`,
      ...(command
        ? command.split("\n").map((line, i) => `${i === 0 ? "     next: " : "           "}${line}`)
        : []),
    ].join("\n"),
  );
  return [head, ...lines].join("\n\n");
}
