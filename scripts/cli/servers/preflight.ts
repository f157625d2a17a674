import { readFileSync } from "node:fs";
import type Docker from "dockerode";
import { parse } from "yaml";
import type { Config } from "../../../components/config";
import { primaryNeeds } from "../../../components/preparedPrimary/needs";
import { ownerName, slotName, stackPrefix } from "../../../contract/names";
import { connect } from "../../engine/connect";
import { type PrimarySettings, readReport, type Report, roleName, stepScript } from "../../primary";
import { execInContainer, type Said } from "../../engine/exec";
import { observationPlace, type ObservationPlace } from "../../primary/observe/place";
import { runBySsh } from "../../primary/ssh";
import { CliError } from "../terminal/cliError";
import { readStackConfig } from "../stack/config";
import { upCommand } from "../stack/outputs";
import { dumpsFolderFinding } from "./dumpsFolder";
import { inStepContainer, stepImage } from "./stepContainer";

/**
 * Runs the preflight of `up` without `up`: the same script on the same machine, which is the primary's
 * own, or in a container on the engine of the first standby. The stack need not be up.
 */
export async function checkPrimary(
  stack: string,
  say: (turn: string) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<Report> {
  const config = await readStackConfig(stack);
  const name = stack.split("/").at(-1)!;
  const { name: project } = parse(readFileSync("Pulumi.yaml", "utf8")) as { name: string };
  const prefix = stackPrefix(project, name);
  const common = { stack: ownerName(project, name), role: roleName(name), database: "postgres" };
  const { place, settings } = await observationPlace(config, prefix, common);
  const script = preflightScript(config, settings);
  const said = await runCheck(config, { place, prefix, script, stack }, say, signal);
  if (signal.aborted) throw new CliError("Interrupted: nothing was changed.");
  if (said.code !== 0) throw new CliError(said.stderr.trim() || "The check of the primary failed.");
  const report = readReport(said.stdout);
  const image = (engine: Docker) => stepImage(engine, config.primary.version, say, signal);
  const folder = await dumpsFolderFinding(config, image);
  return folder ? { ...report, findings: [...report.findings, folder] } : report;
}

function preflightScript(config: Config, settings: PrimarySettings): string {
  const { allowFrom, tablespaces, slotRetention, ...needs } = primaryNeeds(config);
  const { dumps, pgAdmin, restores, pooled, managed } = needs;
  return stepScript("preflight", settings, {
    slots: config.standbys.map(({ name }) => slotName(name)),
    allowFrom: [...allowFrom],
    tablespaces,
    size: slotRetention,
    ...{ dumps, pgAdmin, restores, pooled, managed },
    report: true,
  });
}

interface Check {
  place: ObservationPlace;
  prefix: string;
  script: string;
  stack: string;
}

async function runCheck(
  config: Config,
  { place, prefix, script, stack }: Check,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<Said> {
  if (place.kind === "ssh") {
    return runBySsh(place, script, signal).catch(({ message }: Error) => {
      throw new CliError(
        `${place.host}:${place.port} cannot be reached by SSH as ${place.user}: ${message}.`,
      );
    });
  }
  const { engine: host } = place;
  if (config.primary.kind === "external") {
    const network = prefix;
    return inStepContainer({ host, major: config.primary.version, network }, script, say, signal);
  }
  const engine = connect({ host });
  return execInContainer(engine, place.container, script, signal).catch(
    (error: Error & { statusCode?: number }) => {
      if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
      throw new CliError(
        `The primary of the stack ${stack} is managed by Laterbase and does not run: '${upCommand(stack)}' starts it. There is nothing to check before.`,
      );
    },
  );
}
