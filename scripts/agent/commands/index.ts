import { Failure } from "../kit/failure";
import { backup } from "./backup";
import { checkBackups } from "./checkBackups";
import type { AgentCommand } from "./command";
import { databases } from "./databases";
import { deleteDump } from "./deleteDump";
import { discardTimeline } from "./discardTimeline";
import { drill } from "./drill";
import { dump } from "./dump";
import { duplicatiJob } from "./duplicatiJob";
import { holdExpire } from "./holdExpire";
import { listBackups } from "./listBackups";
import { listDumps } from "./listDumps";
import { maintainBackups } from "./maintainBackups";
import { overview } from "./overview";
import { recordRestore } from "./recordRestore";
import { restoreDump } from "./restoreDump";
import { restorePlan } from "./restorePlan";
import { restorePoint } from "./restorePoint";
import { takeDumps } from "./takeDumps";
import { upload } from "./upload";
import { verifyBackups } from "./verifyBackups";
import { verifyDump } from "./verifyDump";

/** Every command of the agent. A new one is a file of its own and a word here. */
const commands: readonly AgentCommand[] = [
  dump,
  upload,
  listDumps,
  restoreDump,
  verifyDump,
  deleteDump,
  takeDumps,
  duplicatiJob,
  databases,
  backup,
  listBackups,
  checkBackups,
  verifyBackups,
  drill,
  maintainBackups,
  restorePlan,
  restorePoint,
  recordRestore,
  holdExpire,
  discardTimeline,
  overview,
];

/** The command of this name, internal ones included. */
export function commandNamed(name: string): AgentCommand | undefined {
  return commands.find((command) => command.name === name);
}

/** The command that somebody asks for by this name. */
export function askedCommand(name: string): AgentCommand {
  const command = commandNamed(name);
  if (command && !command.internal) return command;
  const names = commands.filter(({ internal }) => !internal).map((one) => one.name);
  throw new Failure(`There is no command "${name}". There are ${names.join(", ")}.`);
}
