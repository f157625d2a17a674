import * as pulumi from "@pulumi/pulumi";
import type { JobSpec } from "../../contract/agentRequests";
import { uploadJobName } from "../../contract/names";
import type { BackupAgent } from "../backupAgent/backupAgent";
import type { AgentUpload } from "../backupAgent/files";
import type { StackContext } from "../kit/context";
import type { ScheduledJob } from "../kit/job";
import { localProgram } from "../kit/localProgram";
import { seconds } from "../schema/primitives";
import type { Duplicati } from "./duplicati";
import type { DuplicatiConfig } from "./schema";

export interface UploadJobArgs {
  /** The stack, with Duplicati's engine. */
  stack: StackContext;
  /** `laterbase:duplicati`. The job follows in place; another target begins a new history. */
  config: DuplicatiConfig;
  /** Duplicati. A new container gets the job again. */
  duplicati: Duplicati;
  /** The agent, which makes the job and starts it. */
  agent: Pick<BackupAgent, "containerName" | "ready">;
}

/**
 * The upload in Duplicati, made once and changed in place. The agent makes it, because only containers
 * of the stack reach Duplicati by name. Target and passphrase go by standard input all the way.
 * Destroy undoes nothing: the job is in Duplicati's data, which stay.
 */
export class UploadJob extends pulumi.ComponentResource {
  /** What the scheduler starts: the upload. */
  readonly jobs: ScheduledJob[];

  constructor(name: string, args: UploadJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:UploadJob", name, {}, opts);
    const { stack, config, duplicati, agent } = args;
    const stdin = pulumi
      .all([config.target.url, duplicati.passphrase])
      .apply(([target, passphrase]) => {
        const job: JobSpec = {
          name: uploadJobName(stack.stack),
          target,
          passphrase,
          retention: config.retention,
        };
        return JSON.stringify(job);
      });
    localProgram(
      `${name}-job`,
      {
        program: "duplicatiJob",
        words: [agent.containerName],
        engine: stack.engine,
        stdin,
        triggers: [duplicati.container.id],
      },
      {
        parent: this,
        dependsOn: [duplicati.container, agent.ready],
        // In older states it is a child of Duplicati.
        aliases: [{ parent: duplicati.urn }],
      },
    );
    this.jobs = [
      {
        name: "upload",
        schedule: config.schedule,
        container: agent.containerName,
        command: "laterbase-agent upload --trigger schedule",
        after: [agent.ready],
      },
    ];
    this.registerOutputs({});
  }
}

/** How the agent finds the job and starts it. */
export function agentUpload(
  { stack }: StackContext,
  { schedule }: DuplicatiConfig,
  { url, password }: Duplicati,
): AgentUpload {
  return {
    url,
    job: uploadJobName(stack),
    schedule,
    timeoutSeconds: seconds("6h"),
    // Somebody who tries it out sees an archive at once.
    afterFirstDump: stack === "dev",
    password,
  };
}
