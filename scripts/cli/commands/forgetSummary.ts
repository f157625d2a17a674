import {
  containerName,
  dumpRoleName,
  healthRoleName,
  pgAdminRoleName,
  slotName,
  stackPrefix,
} from "../../../contract/names";
import type { ForgetResult } from "../results";
import { project } from "../stack/folderState";
import { upCommand } from "../stack/outputs";
import type { Part } from "../stack/parts";

/**
 * What was done, what stays, and what comes next.
 *
 * @param folder where dumps are on the engine. Undefined: in a volume
 */
export function summary(
  stack: string,
  part: Part,
  { file, kept, deleted, passphrase, goneEngine }: ForgetResult,
  folder: string | undefined,
): string {
  return [
    file ? `${file} no longer has ${part.name}.` : `${part.name} was in no stack file any more.`,
    ...(goneEngine
      ? withoutEngine(part, stack, goneEngine)
      : [
          `What comes next: '${upCommand(stack)}' removes its containers${onPrimary(part, stack)}.`,
        ]),
    ...deleted.map((volume) => `That 'up' deletes the volume ${volume.name}, as you asked.`),
    ...(kept.length > 0 && goneEngine === undefined
      ? ["These volumes stay on the engine. To delete them after that:"]
      : []),
    ...kept.map(({ host, name }) => `  docker ${host ? `--host ${host} ` : ""}volume rm ${name}`),
    ...(part.kind === "dumps" && folder
      ? [`The folder ${folder} stays, with the dumps in it.`]
      : []),
    ...stays(part, { deleted: deleted.length > 0 || goneEngine !== undefined, passphrase }),
  ].join("\n");
}

function withoutEngine(
  part: Part,
  stack: string,
  { host, why, others }: NonNullable<ForgetResult["goneEngine"]>,
): string[] {
  const forget = (name: string) =>
    `npm run laterbase -- forget ${name} --stack ${stack} --engine-gone`;
  return [
    `Its engine ${host} did not answer: ${why}. The state has nothing of ${part.name} any more.`,
    others.length > 0
      ? `What comes next: ${others.map((name) => `'${forget(name)}'`).join(" and ")}, because 'up' fails while something is on that engine.`
      : `What comes next: '${upCommand(stack)}' removes ${onPrimary(part, stack).replace(/^, and /, "")}.`,
    "Should that machine come back, its container still runs there. To remove it, and the data:",
    `  docker --host ${host} rm --force ${containerOf(part, stack)}`,
  ];
}

/** What `up` undoes on the primary. */
function onPrimary({ kind, name }: Part, stack: string): string {
  if (kind === "standby") return `, and its slot ${slotName(name)} on the primary`;
  if (kind === "dumps") return `, and the role ${dumpRoleName(stack)} on the primary if it has one`;
  if (kind === "pgAdmin")
    return `, and the role ${pgAdminRoleName(stack)} on the primary if it has one`;
  if (kind === "health") return `, and the role ${healthRoleName(stack)} on the primary`;
  return "";
}

/** What else stays, and what it means when the part is added again. */
function stays(
  { kind }: Part,
  { deleted, passphrase }: { deleted: boolean; passphrase: string | undefined },
): string[] {
  if (kind === "standby")
    return deleted ? [] : ["A standby of the same name takes its data up again."];
  if (kind === "dumps" && !deleted) {
    return [
      "If you add dumps again, these count as dumps of unknown origin: restore-dump asks before it restores one.",
    ];
  }
  if (kind === "backups") {
    return [
      "The repositories stay with their backups, and so does their passphrase. Archiving is off from the next 'up' on: what is written then can be restored only from a later backup.",
    ];
  }
  if (kind === "objectStore" && !deleted) {
    return ["An object store that is added again goes on with its buckets and keys."];
  }
  if (kind === "health" && !deleted) {
    return ["A monitor that is added again goes on with its history."];
  }
  if (kind !== "duplicati") return [];
  return [
    "Archives at the target stay.",
    ...(deleted
      ? []
      : [
          "Before you add Duplicati again, delete its volume …-duplicati-data: a new Duplicati cannot read the settings in it.",
        ]),
    ...(passphrase === undefined ? [] : [`The passphrase of its archives is ${passphrase}`]),
  ];
}

const containerOf = ({ name }: Part, stack: string): string =>
  containerName(stackPrefix(project(), stack), name);
