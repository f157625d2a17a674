import type { OperatorCommand } from "../operatorCommand";
import { acceptImage } from "./acceptImage";
import { credentials } from "./credentials";
import { dump } from "./dump";
import { listDumps } from "./listDumps";
import { pausePooler } from "./pausePooler";
import { preflight } from "./preflight";
import { restartPrimary } from "./restartPrimary";
import { restoreDump } from "./restoreDump";
import { resumePooler } from "./resumePooler";
import { verifyDump } from "./verifyDump";

/** Every command of the operator, in the groups and the order of `--help`. */
export const commandGroups: readonly { title: string; commands: readonly OperatorCommand[] }[] = [
  { title: "Logins", commands: [credentials] },
  { title: "Dumps", commands: [dump, listDumps, restoreDump, verifyDump] },
  {
    title: "Primary and pooler",
    commands: [preflight, restartPrimary, pausePooler, resumePooler],
  },
  { title: "Images", commands: [acceptImage] },
];
