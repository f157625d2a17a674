import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type {
  ArchiveLooks,
  ExternalLooks,
  Looked,
  Looks,
  ManagedLooks,
} from "../../contract/looks";
import { ownerName, stackPrefix } from "../../contract/names";
import { ownersOf } from "../primary/owners";
import { isUnknown, type ServiceImage } from "../kit/image";
import { stepCommand } from "../kit/localProgram";
import type { Config } from "./configSchema";
import { engineLooks, type EngineLooksArgs } from "./engineLooks";
import type { LaterbaseArgs } from "./laterbaseArgs";

interface LooksArgs extends EngineLooksArgs, Pick<LaterbaseArgs, "project" | "stack"> {
  /** The stack file, which the sentences name. A change looks again. */
  file: string;
}

/**
 * Looks at what a change needs, before anything is changed: ports, passwords, databases, addresses, folders, room,
 * images, the major of the data. It is a resource, so that it looks only when one of these values has changed. When it
 * fails, nothing was stopped yet.
 *
 * Nothing depends on it in the state: `up` waits for it before it declares anything else. So destroy does not keep it
 * for what it keeps, and `--target` needs it for nothing.
 */
export async function look(args: LooksArgs): Promise<void> {
  const began = new Date().toISOString();
  // The names of images whose content a preview cannot know are no change.
  const isAnyUnknown = (Object.values(args.images) as ServiceImage[]).some(isUnknown);
  const unknown = isAnyUnknown ? { ignoreChanges: ["stdin"] } : {};
  const looks = new command.local.Command(
    "looks",
    {
      create: stepCommand("look", stackPrefix(args.project, args.stack)),
      stdin: pulumi.secret(looksOf(args).apply((all) => JSON.stringify(all))),
      // The program compares with what it printed last: hashes, which nobody needs to see.
      addPreviousOutputInEnv: true,
      logging: "none",
    },
    { additionalSecretOutputs: ["stdout"], ...unknown },
  );
  looks.stdout.apply((printed) => {
    for (const sentence of unseenSince(began, printed)) void pulumi.log.warn(sentence, looks);
  });
  await new Promise((resolve) => looks.urn.apply(resolve));
}

/** What this run could not look at. The state also has the sentences of an earlier one. */
export function unseenSince(began: string, printed: string): string[] {
  try {
    const { at, unseen } = JSON.parse(printed) as Looked;
    return at >= began ? unseen : [];
  } catch {
    // Nothing was printed.
    return [];
  }
}

/** What a stack's looks look at. */
export function looksOf(args: LooksArgs): pulumi.Output<Looks> {
  const { project, stack, config, file } = args;
  const { primary, duplicati } = config;
  const prefix = stackPrefix(project, stack);
  const password = primary.kind === "external" ? primary.superuser.password : undefined;
  return pulumi
    .all([password ?? "", duplicati?.target.url ?? "", duplicati?.passphrase ?? ""])
    .apply(([superuser, target, passphrase]) => {
      const archives: ArchiveLooks = { target, passphrase };
      return {
        ...{ file, stack, prefix },
        engines: engineLooks(args, prefix),
        primary: primaryOf(config, superuser, ownerName(project, stack)),
        ...(duplicati ? { archives } : {}),
      };
    });
}

function primaryOf(config: Config, password: string, owner: string): ManagedLooks | ExternalLooks {
  const { primary, dockerHost = "", pooler, pgAdmin } = config;
  const { version, allowFrom } = primary;
  if (primary.kind === "managed") {
    const owners = ownersOf(config).map(({ role, database, key }) => ({ role, database, key }));
    const { kind, settings, extensions } = primary;
    return {
      ...{ kind, host: dockerHost, version, allowFrom, owner, owners },
      ...(settings ? { settings } : {}),
      ...(extensions ? { extensions } : {}),
    };
  }
  const { kind, host, port, superuser, access } = primary;
  return {
    ...{ kind, host, port, version, allowFrom, password },
    superuser: superuser.name,
    needsLogin: access.kind === "sql" || pooler !== undefined || pgAdmin?.superuser === true,
    databases: namedDatabases(config),
  };
}

/** The databases that have to be there, by the key that names them. Where both do, a rule compares them. */
function namedDatabases({ primary, dumps }: Config): Record<string, string[]> {
  if (primary.databases !== "*") return { "laterbase:primary.databases": primary.databases };
  const dumped = dumps?.databases ?? "*";
  return dumped === "*" ? {} : { "laterbase:dumps.databases": dumped };
}
