import * as pulumi from "@pulumi/pulumi";
import type {
  AgentConfig,
  DumpRole,
  DumpSettings,
  MinFree,
  UploadSettings,
} from "../../contract/agentConfig";
import { agentFiles } from "../../contract/agentPaths";
import type { BackupSettings } from "../../contract/pgBackRest";
import type { Address } from "../kit/address";
import type { File } from "../kit/container";
import { megabytes, passfileLine, seconds } from "../schema/primitives";
import type { DumpsConfig } from "./schema";

/** What the agent's files are made of. A change replaces the container; dumps and records stay. */
export interface AgentFilesArgs {
  /** The stack's name, in every manifest. */
  stack: string;
  /** The IANA time zone of the schedules. */
  timeZone: string;
  /** PostgreSQL's major version: of the servers and of the agent's tools. */
  version: number;
  /** The dumps. Default: none, and then there are backups. */
  dumps?: AgentDumps | undefined;
  /** The backups. Default: none, and then there are dumps. */
  backups?: BackupSettings | undefined;
  /** What manifests are signed with. Another key makes every older dump one of unknown origin. */
  manifestKey: pulumi.Input<string>;
  /** The primary as the agent's engine reaches it. */
  primary: Address;
  /** A standby on the agent's own engine. Default: none, and dumps read the primary. */
  standby?: Address | undefined;
  /** Where the monitor asks what the agent knows, and by what. Default: nothing listens. */
  overview?: { port: number; token: pulumi.Input<string> } | undefined;
  /** The upload by Duplicati, with the password of its page. Default: none. */
  upload?: AgentUpload | undefined;
}

/** How the agent dumps. */
export interface AgentDumps {
  /** `laterbase:dumps`. */
  config: DumpsConfig;
  /** The role that dumps, with its password. */
  role: DumpRole & { password: pulumi.Input<string> };
}

/** How the agent uploads. */
export type AgentUpload = UploadSettings & { password: pulumi.Input<string> };

/** The agent's files below /etc/laterbase. Only PostgreSQL's user reads the secret ones. */
export function agentUploads(args: AgentFilesArgs): File[] {
  const { upload, dumps, overview } = args;
  const config = JSON.stringify(agentConfig(args), undefined, 2);
  return [
    { name: agentFiles.config, content: config },
    ...(dumps
      ? [
          {
            name: agentFiles.passfile,
            content: renderPassfile(args, dumps.role),
            mode: "0400",
          } as const,
        ]
      : []),
    { name: agentFiles.manifestKey, content: args.manifestKey, mode: "0400" },
    ...(overview
      ? [{ name: agentFiles.overviewToken, content: overview.token, mode: "0400" } as const]
      : []),
    ...(upload
      ? [{ name: agentFiles.duplicatiPassword, content: upload.password, mode: "0400" } as const]
      : []),
  ];
}

/** `agent.json`. Each value is named, so that no secret gets into it by accident. */
export function agentConfig(args: AgentFilesArgs): AgentConfig {
  const { stack, version, timeZone, primary, standby, dumps, upload, backups, overview } = args;
  return {
    stack,
    major: version,
    timeZone,
    ...(dumps ? { role: { name: dumps.role.name, superuser: dumps.role.superuser } } : {}),
    primary: { name: "primary", ...primary },
    ...(standby ? { standby: { name: "standby", ...standby } } : {}),
    ...(dumps ? { dumps: dumpSettings(dumps.config) } : {}),
    ...(upload ? { upload: uploadSettings(upload) } : {}),
    ...(backups ? { backups } : {}),
    ...(overview ? { overview: { port: overview.port } } : {}),
  };
}

function dumpSettings(config: DumpsConfig): DumpSettings {
  const { schedule, databases, source, retentionDays, retentionCount, plain, path } = config;
  return {
    schedule,
    databases,
    source,
    retentionDays,
    retentionCount,
    plain,
    timeoutSeconds: seconds(config.timeout),
    databaseTimeoutSeconds: databaseTimeoutSeconds(config),
    minFree: minFreeOf(config.minFree),
    ...(path === undefined ? {} : { path }),
  };
}

/** A single database has nothing to leave time for. Otherwise a run has time for two and a half. */
function databaseTimeoutSeconds({ timeout, databaseTimeout, databases }: DumpsConfig): number {
  if (databaseTimeout !== undefined) return seconds(databaseTimeout);
  const whole = seconds(timeout);
  return databases.length === 1 && databases !== "*" ? whole : Math.ceil(whole * 0.4);
}

function minFreeOf(text: string): MinFree {
  if (text.endsWith("%")) return { text, percent: Number.parseInt(text, 10) };
  return { text, bytes: megabytes(text) * 1024 * 1024 };
}

function uploadSettings(upload: UploadSettings): UploadSettings {
  const { url, job, schedule, timeoutSeconds, afterFirstDump } = upload;
  return { url, job, schedule, timeoutSeconds, afterFirstDump };
}

function renderPassfile(
  { primary, standby }: AgentFilesArgs,
  role: AgentDumps["role"],
): pulumi.Output<string> {
  const servers = [primary, ...(standby ? [standby] : [])];
  return pulumi
    .secret(role.password)
    .apply((password) =>
      servers
        .map(({ host, port }) => passfileLine([host, String(port), "*", role.name, password]))
        .join(""),
    );
}
