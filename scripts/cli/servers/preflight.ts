import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import type { Config } from "../../../components/config";
import { primaryNeeds } from "../../../components/preparedPrimary/needs";
import { ownerName, slotName, stackPrefix } from "../../../contract/names";
import { connect } from "../../engine/connect";
import { knowsGroups } from "../../engine/folderGroups";
import {
  type Finding,
  type PrimarySettings,
  readReport,
  type Report,
  roleName,
  stepScript,
} from "../../primary";
import { execInContainer, type Said } from "../../engine/exec";
import { observationPlace, type ObservationPlace } from "../../primary/observe/place";
import { runBySsh } from "../../primary/ssh";
import { CliError } from "../terminal/cliError";
import { readStackConfig } from "../stack/config";
import { upCommand } from "../stack/outputs";
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
  const folder = await dumpsFinding(config, say, signal);
  return folder ? { ...report, findings: [...report.findings, folder] } : report;
}

/** A folder for the dumps that knows no groups. Duplicati reads them by their group, and people may too. */
async function dumpsFinding(
  { dumps, duplicati, dockerHost, primary }: Config,
  say: (turn: string) => void,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  if (!dumps?.path) return undefined;
  const engine = connect({ host: dockerHost });
  const image = await stepImage(engine, primary.version, say, signal);
  if ((await knowsGroups(engine, image, resolve(dumps.path))) !== false) return undefined;
  return {
    level: "warn",
    id: "dumps-path-groups",
    finding: `The folder of laterbase:dumps.path, ${dumps.path}, is on a file system that keeps no group and no mode of a file, such as exFAT or a share of Windows.`,
    means: duplicati
      ? "Duplicati reads the dumps by their group, so it may upload nothing, and everybody on that machine may read the dumps."
      : "Everybody on that machine may read the dumps.",
    todo: "Choose a folder on a file system of Linux, such as ext4, or leave laterbase:dumps.path out: then the dumps are in a volume.",
  };
}

function preflightScript(config: Config, settings: PrimarySettings): string {
  const { allowFrom, tablespaces, slotRetention, dumps, pooled, managed } = primaryNeeds(config);
  return stepScript("preflight", settings, {
    slots: config.standbys.map(({ name }) => slotName(name)),
    allowFrom: [...allowFrom],
    tablespaces,
    size: slotRetention,
    ...{ dumps, pooled, managed },
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
