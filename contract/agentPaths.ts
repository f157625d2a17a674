/** Where the agent's files are in its container. Tests put them elsewhere. */
export interface AgentPaths {
  /** Finished dumps, and `.partial`. */
  backups: string;
  /** What jobs did. A volume of its own, so that a full backup volume cannot lose a record. */
  records: string;
  /** The files that `up` writes, by `agentFiles`. */
  etc: string;
  /** The socket and the status. They disappear with the container. */
  run: string;
}

export const agentPaths: AgentPaths = {
  backups: "/backups",
  records: "/var/lib/laterbase/records",
  etc: "/etc/laterbase",
  run: "/run/laterbase",
};

/** The names of the files in `agentPaths.etc`. */
export const agentFiles = {
  config: "agent.json",
  passfile: "pgpass",
  duplicatiPassword: "duplicati-password",
  manifestKey: "manifest-key",
  overviewToken: "overview-token",
} as const;

/** The file in `records` that is there while a drill has paused replay on the standby. */
export const drillPausedNote = "drill-paused";

/** The file in `run` that the scheduler touches each minute, where the stack has a monitor. */
export const schedulerBeat = `${agentPaths.run}/scheduler`;
