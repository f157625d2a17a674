import * as pulumi from "@pulumi/pulumi";
import { pgBackRestVolumes } from "../../contract/pgBackRest";
import type { PgBackRestInput, StepStanza } from "../../contract/pgBackRestStep";
import type { StackContext } from "../kit/context";
import { ignoredDrift } from "../kit/drift";
import { localProgram } from "../kit/localProgram";
import type { ContainerVolume } from "../kit/volume";
import type { ObjectStoreAccess } from "../objectStore/access";
import { archiveSettings } from "./archiveSettings";
import { locationOf } from "./location";
import { renderConfiguration } from "./render";
import type { Repository } from "./repositories";
import type { BackupsConfig } from "./schema";
import { stepMounts } from "./stepMounts";

export interface PgBackRestConfigurationArgs {
  /** The stack, with the primary's engine. */
  stack: StackContext;
  /** The primary's container. A new one gets its settings again, and its data are looked at again. */
  primary: { containerName: string; container: pulumi.CustomResource };
  /** `laterbase:backups`. Default: no backups, and archiving is off. A change restarts nothing. */
  backups?: BackupsConfig | undefined;
  /** Its repositories. A new one gets the stanza. */
  repositories: readonly Repository[];
  /** PostgreSQL's major version. */
  version: number;
  /** The role that backs up. */
  role: string;
  /** Whether there is a standby on the same engine. */
  standby: boolean;
  /** The generated passphrase. */
  passphrase: pulumi.Output<string>;
  /** The stack's own object store. Default: none. */
  objectStore?: ObjectStoreAccess | undefined;
  /** What the containers of the step mount: as the agent does, with the configuration. */
  mounts: readonly ContainerVolume[];
  /** A sentence about a change of the configuration by hand. Default: nobody changed it. */
  drift?: string | undefined;
  /** What has to be there before: the role, and an object store that answers. */
  after: pulumi.Resource[];
}

/**
 * pgBackRest's configuration, the stanza in every repository, and PostgreSQL's archive settings, in force by a
 * reload. Nothing restarts. pgBackRest reads its configuration at each call. Destroy undoes nothing: the volume of
 * the configuration goes too, and the repositories stay.
 */
export class PgBackRestConfiguration extends pulumi.ComponentResource {
  /** What backs up depends on this. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    args: PgBackRestConfigurationArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PgBackRestConfiguration", name, {}, opts);
    const { stack, primary, drift } = args;
    this.ready = localProgram(
      `${name}-configuration`,
      {
        program: "pgBackRest",
        words: [primary.containerName],
        engine: stack.engine,
        stdin: inputOf(args).apply((input) => JSON.stringify(input)),
        triggers: [primary.container.id],
        drift,
      },
      {
        parent: this,
        dependsOn: [primary.container, ...args.after],
        ignoreChanges: ignoredDrift(drift),
      },
    );
    this.registerOutputs({});
  }
}

function inputOf(args: PgBackRestConfigurationArgs): pulumi.Output<PgBackRestInput> {
  const { stack, backups, repositories } = args;
  const { image, network } = stack.engine;
  const settings = archiveSettings(backups, repositories);
  const stanza = stanzaOf(args);
  const rendered = backups ? renderConfiguration({ ...args, backups }) : [];
  return pulumi
    .all([pulumi.output(rendered), stepMounts(args.mounts), image.name, network.name])
    .apply(([files, mounts, imageName, networkName]) => ({
      files,
      settings,
      ...(stanza ? { stanza } : {}),
      place: { image: imageName, network: networkName },
      mounts,
    }));
}

/** Whether no other stack can use the repository's place. */
const isOwn = (config: Repository["config"]): boolean =>
  config.type === "objectStore" || (config.type === "posix" && config.path === undefined);

function stanzaOf({
  stack,
  backups,
  repositories,
  objectStore,
}: PgBackRestConfigurationArgs): StepStanza | undefined {
  if (!backups || repositories.length === 0) return undefined;
  const volume = pgBackRestVolumes(stack.prefix).repositories;
  return {
    name: backups.stanza,
    repositories: repositories.map((one) => ({
      number: one.number,
      location: locationOf(one, volume, objectStore),
      own: isOwn(one.config),
    })),
  };
}
