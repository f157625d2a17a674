import type * as pulumi from "@pulumi/pulumi";
import type { DumpRole } from "../../contract/agentConfig";
import { BackupAgent, backupsOf } from "./backupAgent";
import type { Config } from "../config";
import type { ImageSource } from "../kit/container";
import { Duplicati, jobName } from "../duplicati/duplicati";
import { type Engine, engineImage } from "../kit/engine";
import { seconds } from "../schema/primitives";
import { parseSchedule } from "../schema/schedule";
import { Scheduler } from "../scheduler/scheduler";

type Address = { host: string; port: number };

/** Images: ours are built, those of others pulled. */
export interface Services {
  agent: ImageSource;
  ofelia: ImageSource | { pulled: string };
  socketProxy: ImageSource | { pulled: string };
  duplicati: ImageSource | { pulled: string };
}

export interface DumpingArgs {
  config: Config & { dumps: NonNullable<Config["dumps"]> };
  services: Services;
  engine: Engine;
  prefix: string;
  stack: string;
  /** What a relative path begins at. */
  folder: string;
  primary: Address;
  standby?: Address;
  role: DumpRole & { password: pulumi.Input<string> };
  after: pulumi.Resource[];
}

/** What the outputs tell of dumps and their storage. */
export interface Dumping {
  dumps: {
    agent: string;
    dockerHost: string | null;
    location: string;
    schedule: string;
    source: "standby" | "primary";
    retentionDays: number;
    retentionCount: number;
  };
  duplicati?: Duplicati["access"] & { passphrase: pulumi.Output<string> };
}

/** The agent that dumps, Duplicati that stores what it made, and the scheduler of both. */
export function declareDumping(args: DumpingArgs, parent: pulumi.Resource): Dumping {
  const { config, engine, prefix, stack, services } = args;
  const { dumps, timeZone } = config;
  const backups = backupsOf({ engine, prefix, stack, config: dumps }, args.folder, parent);
  const common = { engine, prefix, stack, timeZone, after: args.after };
  const image = (name: string, source: ImageSource | { pulled: string }) =>
    engineImage(`${name}-image`, source, engine, { parent }).name;

  const duplicati =
    config.duplicati &&
    new Duplicati(
      "duplicati",
      {
        ...common,
        config: config.duplicati,
        bindAddress: config.bindAddress,
        image: image("duplicati", services.duplicati),
        backups,
        after: [],
      },
      { parent },
    );
  const agent = new BackupAgent(
    "agent",
    {
      ...common,
      image: services.agent,
      version: config.primary.version,
      config: dumps,
      backups,
      role: args.role,
      primary: args.primary,
      ...(args.standby ? { standby: args.standby } : {}),
      ...(duplicati && config.duplicati ? { upload: uploadOf(duplicati, config, stack) } : {}),
    },
    { parent },
  );
  duplicati?.makeJob({ containerName: agent.containerName, after: [agent.ready] });
  new Scheduler(
    "scheduler",
    {
      ...common,
      images: {
        ofelia: image("ofelia", services.ofelia),
        proxy: image("socket-proxy", services.socketProxy),
      },
      agentContainer: agent.containerName,
      jobs: [
        {
          name: "dump",
          schedule: dumps.schedule,
          command: "laterbase-agent dump --trigger schedule",
        },
        ...(config.duplicati
          ? [
              {
                name: "upload",
                schedule: config.duplicati.schedule,
                command: "laterbase-agent upload --trigger schedule",
              },
            ]
          : []),
      ],
      after: [agent.ready],
    },
    { parent },
  );

  const { schedule, source, retentionDays, retentionCount } = dumps;
  return {
    dumps: {
      agent: agent.containerName,
      dockerHost: config.dockerHost ?? null,
      location: "hostPath" in backups ? backups.hostPath : `volume ${prefix}-backups`,
      schedule,
      source,
      retentionDays,
      retentionCount,
    },
    ...(duplicati ? { duplicati: { ...duplicati.access, passphrase: duplicati.passphrase } } : {}),
  };
}

function uploadOf(duplicati: Duplicati, config: DumpingArgs["config"], stack: string) {
  return {
    url: duplicati.url,
    job: jobName(stack),
    schedule: parseSchedule(config.duplicati?.schedule ?? ""),
    timeoutSeconds: seconds("6h"),
    // A stack that is tried out shows its archive at once.
    afterFirstDump: stack === "dev",
    password: duplicati.password,
  };
}
