import * as pulumi from "@pulumi/pulumi";
import type { EmptyPrimaryInput } from "../../contract/emptyPrimaryStep";
import { backupRoleName, containerName, serverVolumes, serviceVolumes } from "../../contract/names";
import { pgBackRestVolumes } from "../../contract/pgBackRest";
import type { StackContext } from "../kit/context";
import { ignoredDrift } from "../kit/drift";
import { localProgram } from "../kit/localProgram";
import type { ContainerVolume } from "../kit/volume";
import { locationOf } from "./location";
import { renderConfiguration } from "./render";
import { ownFolder } from "./renderRepository";
import type { Repository } from "./repositories";
import type { BackupsConfig } from "./schema";
import { stepMounts } from "./stepMounts";

export interface BeforePrimaryArgs {
  /** The stack, with the primary's engine. */
  stack: StackContext;
  /** `laterbase:backups`. A change looks again, which takes a moment where the primary has its data. */
  backups: BackupsConfig;
  /** Its repositories. */
  repositories: readonly Repository[];
  /** PostgreSQL's major version. */
  version: number;
  /** The generated passphrase. */
  passphrase: pulumi.Output<string>;
  /** The bucket of the stack's own object store. Default: none. */
  bucket?: string | undefined;
  /** A sentence where the primary has no data now. Default: it has. */
  drift?: string | undefined;
  /** What the step mounts: the repositories. */
  mounts: readonly ContainerVolume[];
}

/**
 * Looks for backups before a primary starts that has no data, and ends `up` where there are some. The primary's
 * container depends on it.
 */
export function beforePrimary(
  name: string,
  args: BeforePrimaryArgs,
  parent: pulumi.Resource,
): pulumi.Resource {
  const { stack, drift } = args;
  return localProgram(
    name,
    {
      program: "emptyPrimary",
      words: [containerName(stack.prefix, "primary")],
      engine: stack.engine,
      stdin: inputOf(args).apply((input) => JSON.stringify(input)),
      triggers: [],
      drift,
    },
    { parent, ignoreChanges: ignoredDrift(drift) },
  );
}

function inputOf(args: BeforePrimaryArgs): pulumi.Output<EmptyPrimaryInput> {
  const { stack, repositories, backups, bucket = "" } = args;
  const { image, network } = stack.engine;
  // The stack's own store starts later, and its repository is a folder until then.
  const answering = repositories.filter(({ config }) => config.type !== "objectStore");
  const stored = repositories.find(({ config }) => config.type === "objectStore");
  const volume = pgBackRestVolumes(stack.prefix).repositories;
  const at = (one: Repository) => ({
    number: one.number,
    location: locationOf(one, volume, { bucket }),
  });
  const role = backupRoleName(stack.stack);
  const rendered = { ...args, repositories: answering, role, standby: false };
  const store = stored && {
    ...at(stored),
    volume: serviceVolumes(stack.prefix).objectStoreData,
    folder: `${bucket}${ownFolder}`,
  };
  return pulumi
    .all([
      pulumi.output(renderConfiguration(rendered)),
      stepMounts(args.mounts),
      image.name,
      network.name,
    ])
    .apply(([files, mounts, imageName, networkName]) => ({
      data: serverVolumes(stack.prefix, "primary").data,
      files,
      stanza: {
        name: backups.stanza,
        repositories: answering.map((one) => ({ ...at(one), own: false })),
      },
      ...(store ? { store } : {}),
      place: { image: imageName, network: networkName },
      mounts,
      restore: `npm run laterbase -- restore${stack.stack === "dev" ? "" : ` --stack ${stack.stack}`}`,
    }));
}
