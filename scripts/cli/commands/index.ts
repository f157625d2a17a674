import type { OperatorCommand } from "../operatorCommand";
import { acceptImage } from "./acceptImage";
import { acceptPrimary } from "./acceptPrimary";
import { backup } from "./backup";
import { check } from "./check";
import { completion } from "./completion";
import { connections } from "./connections";
import { credentials } from "./credentials";
import { deleteDump } from "./deleteDump";
import { doctor } from "./doctor";
import { drill } from "./drill";
import { dump } from "./dump";
import { forget } from "./forget";
import { health } from "./health";
import { listBackups } from "./listBackups";
import { listDumps } from "./listDumps";
import { logs } from "./logs";
import { migrate } from "./migrate";
import { newStack } from "./new";
import { notify } from "./notify";
import { pausePooler } from "./pausePooler";
import { pools } from "./pools";
import { preflight } from "./preflight";
import { rebuild } from "./rebuild";
import { restartPrimary } from "./restartPrimary";
import { restore } from "./restore";
import { restoreArchive } from "./restoreArchive";
import { restoreDump } from "./restoreDump";
import { restorePoint } from "./restorePoint";
import { resumePooler } from "./resumePooler";
import { rotate } from "./rotate";
import { shell } from "./shell";
import { status } from "./status";
import { upload } from "./upload";
import { verify } from "./verify";
import { verifyDump } from "./verifyDump";

/** Every command of the operator, in the groups and the order of `--help`. */
export const commandGroups: readonly { title: string; commands: readonly OperatorCommand[] }[] = [
  { title: "How it is", commands: [status, health, doctor, logs] },
  { title: "Stack", commands: [newStack, preflight, forget] },
  { title: "Logins", commands: [connections, credentials, rotate] },
  { title: "Applications", commands: [migrate] },
  { title: "Dumps", commands: [dump, listDumps, restoreDump, verifyDump, deleteDump] },
  {
    title: "Backups",
    commands: [backup, listBackups, check, verify, drill, restorePoint, restore],
  },
  { title: "Off site", commands: [upload, restoreArchive] },
  {
    title: "Servers and pooler",
    commands: [shell, pools, restartPrimary, rebuild, acceptPrimary, pausePooler, resumePooler],
  },
  { title: "Images", commands: [acceptImage] },
  { title: "Messages", commands: [notify] },
  { title: "Your shell", commands: [completion] },
];
