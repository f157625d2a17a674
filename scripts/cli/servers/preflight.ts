import { readFileSync } from "node:fs";
import type Docker from "dockerode";
import { parse } from "yaml";
import type { Config } from "../../../components/config";
import { primaryNeeds } from "../../../components/preparedPrimary/needs";
import { maintenanceDatabase } from "../../../contract/maintenanceDatabases";
import { ownerName, ownerRecord, slotName, stackPrefix } from "../../../contract/names";
import { connect } from "../../engine/connect";
import {
  notReachedBySsh,
  type PrimarySettings,
  readReport,
  type Report,
  roleName,
  stepScript,
} from "../../primary";
import { execIn, type Said } from "../../engine/exec";
import { observationPlace, type ObservationPlace } from "../../primary/observe/place";
import { runBySsh } from "../../primary/ssh";
import { CliError } from "../terminal/cliError";
import { readStackConfig } from "../stack/config";
import { upCommand } from "../stack/outputs";
import { readOwnerNumber } from "../stack/ownerNumber";
import { dumpsFolderFinding } from "./dumpsFolder";
import { stepImage } from "./ownImage";
import { inStepContainer, type Run } from "./stepContainer";

/** What happens meanwhile, and how the operator interrupts it. */
interface Course {
  say: (turn: string) => void;
  signal: AbortSignal;
}

/**
 * Runs the preflight of `up` without `up`: the same script on the same machine, which is the primary's
 * own, or in a container on the engine of the first standby. The stack need not be up. It compares what is on the
 * primary with this stack as the next `up` will be called there, number included.
 *
 * @param takeOver the number of an earlier stack of the same name, which is gone: what it left on the primary is
 * removed first
 */
export async function checkPrimary(
  stack: string,
  say: (turn: string) => void,
  signal: AbortSignal = new AbortController().signal,
  takeOver?: string,
): Promise<Report> {
  const config = await readStackConfig(stack);
  const number = await readOwnerNumber(stack);
  const name = stack.split("/").at(-1)!;
  const { name: project } = parse(readFileSync("Pulumi.yaml", "utf8")) as { name: string };
  const prefix = stackPrefix(project, name);
  const owner = ownerName(project, name);
  const record = number === undefined ? owner : ownerRecord(owner, number);
  const common = { stack: record, role: roleName(name), database: maintenanceDatabase };
  const { place, settings } = await observationPlace(config, prefix, common);
  const check = { config, place, prefix, stack };
  const course = { say, signal };
  const removed =
    takeOver === undefined
      ? undefined
      : await removeEarlier(check, { ...settings, stack: `${owner}#${takeOver}` }, number, course);
  const said = await runScript(
    check,
    { script: preflightScript(config, settings), mode: "apply" },
    course,
  );
  const other = removed ? "what the earlier stack left is removed, and nothing else" : "nothing";
  if (signal.aborted) throw new CliError(`Interrupted: ${other} was changed.`);
  if (said.code !== 0) throw new CliError(said.stderr.trim() || "The check of the primary failed.");
  const report = { ...readReport(said.stdout), ...(removed ? { removed } : {}) };
  const image = (engine: Docker) => stepImage(engine, config, say, signal);
  const folder = await dumpsFolderFinding(config, image);
  return folder ? { ...report, findings: [...report.findings, folder] } : report;
}

function preflightScript(config: Config, settings: PrimarySettings): string {
  const { allowFrom, tablespaces, databases, slotRetention, ...needs } = primaryNeeds(config);
  const { dumps, pgAdmin, restores, pooled, managed } = needs;
  return stepScript("preflight", settings, {
    slots: slotsOf(config),
    allowFrom: [...allowFrom],
    tablespaces,
    databases,
    size: slotRetention,
    ...{ dumps, pgAdmin, restores, pooled, managed },
    report: true,
  });
}

const slotsOf = ({ standbys }: Config) => standbys.map(({ name }) => slotName(name));

/** Undoes what an earlier stack of the same name made there, as its own destroy would have done. */
async function removeEarlier(
  check: Check,
  settings: PrimarySettings,
  own: string | undefined,
  course: Course,
): Promise<string[]> {
  const earlier = settings.stack.replace(/^.*#/, "");
  if (own !== undefined && earlier.split(".")[0] === own) {
    throw new CliError(
      `${earlier} is the number of this stack itself: 'npm run destroy' undoes what it made.`,
      2,
    );
  }
  const script = stepScript("role", settings, { slots: slotsOf(check.config) });
  const said = await runScript(check, { script, mode: "remove" }, course);
  if (course.signal.aborted) {
    throw new CliError("Interrupted: the same command goes on where this one stopped.");
  }
  if (said.code !== 0) throw new CliError(said.stderr.trim() || "Nothing could be removed there.");
  return said.stdout.split("\n").filter((line) => line !== "");
}

interface Check {
  config: Config;
  place: ObservationPlace;
  prefix: string;
  stack: string;
}

async function runScript(
  { config, place, prefix, stack }: Check,
  run: Run,
  { say, signal }: Course,
): Promise<Said> {
  if (place.kind === "ssh") {
    return runBySsh(place, run.script, signal, run.mode).catch(({ message }: Error) => {
      throw new CliError(notReachedBySsh(place, message));
    });
  }
  const { engine: host } = place;
  if (config.primary.kind === "external") {
    const network = prefix;
    return inStepContainer({ host, config, network }, run, say, signal);
  }
  const engine = connect({ host });
  const words = ["bash", "-s", "--", run.mode];
  return execIn(engine, place.container, words, run.script, signal).catch(
    (error: Error & { statusCode?: number }) => {
      if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
      throw new CliError(
        `The primary of the stack ${stack} is managed by Laterbase and does not run: '${upCommand(stack)}' starts it. There is nothing to check before.`,
      );
    },
  );
}
