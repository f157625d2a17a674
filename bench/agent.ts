import type Docker from "dockerode";
import { cpuShares } from "../components/backupAgent/backupAgent";
import { agentImage } from "../images/build/agent";
import type { AgentConfig } from "../contract/agentConfig";
import { containerName } from "../contract/names";
import { builtImage } from "../test/support/builtImage";
import { exec, run } from "./container";
import type { Lab } from "./lab";
import { until } from "./until";

/** Starts an agent as a stack would, for the lab's primary and the standby of this name. */
export async function startAgent(
  lab: Lab,
  standby: string,
  say: (line: string) => void,
): Promise<Docker.Container> {
  const image = await builtImage(lab.engine, agentImage(lab.major), say);
  const config: AgentConfig = {
    stack: "bench",
    major: lab.major,
    timeZone: "Etc/UTC",
    role: { name: "postgres", superuser: true },
    primary: { name: "primary", host: containerName(lab.prefix, "primary"), port: 5432 },
    standby: { name: "standby", host: containerName(lab.prefix, standby), port: 5432 },
    dumps: {
      // It never starts a dump on its own, because the measurements start them.
      schedule: { text: "0 0 29 2 *", fields: ["0", "0", "29", "2", "*"] },
      databases: ["bench"],
      source: "standby",
      retentionDays: 1,
      retentionCount: 1,
      plain: false,
      timeoutSeconds: 3600,
      databaseTimeoutSeconds: 3600,
    },
  };
  const agent = await run(lab.engine, {
    name: containerName(lab.prefix, "agent"),
    image,
    network: lab.network,
    command: ["serve"],
    cpuShares,
    volumes: ["/backups", "/var/lib/laterbase/records"],
    uploads: [
      { name: "agent.json", content: JSON.stringify(config) },
      { name: "pgpass", content: `*:*:*:postgres:${lab.password}\n` },
      { name: "manifest-key", content: "the key of the bench" },
    ],
  });
  // An agent without any dump makes one at its start. A measurement must not run beside it.
  await until("the agent has made its first dump", 900, () =>
    exec(agent, ["laterbase-agent", "dump", "--wait"]).catch(() => undefined),
  );
  return agent;
}
