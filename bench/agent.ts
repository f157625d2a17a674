import type Docker from "dockerode";
import { cpuShares } from "../components/backupAgent/backupAgent";
import { agentImage } from "../images/build/agent";
import type { AgentConfig } from "../contract/agentConfig";
import { builtImage } from "../test/support/builtImage";
import { exec, run } from "./container";
import type { Lab } from "./lab";
import { until } from "./until";

/** An agent as a stack makes it, beside a lab's primary and the standby of this name. */
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
    primary: { name: "primary", host: `${lab.prefix}-primary`, port: 5432 },
    standby: { name: "standby", host: `${lab.prefix}-${standby}`, port: 5432 },
    dumps: {
      // Never by itself: what is measured is asked for.
      schedule: { text: "0 0 29 2 *", fields: ["0", "0", "29", "2", "*"] },
      databases: ["bench"],
      source: "standby",
      retentionDays: 1,
      retentionCount: 1,
      plain: false,
      timeoutSeconds: 3600,
    },
  };
  const agent = await run(lab.engine, {
    name: `${lab.prefix}-agent`,
    image,
    network: lab.network,
    command: ["serve"],
    cpuShares,
    volumes: ["/backups", "/var/lib/laterbase/records"],
    uploads: [
      { name: "agent.json", content: JSON.stringify(config) },
      { name: "pgpass", content: `*:*:*:postgres:${lab.password}\n` },
    ],
  });
  // Its first dump is on its way then: there is none yet.
  await until("the agent has made its first dump", 900, () =>
    exec(agent, ["laterbase-agent", "dump", "--wait"]).catch(() => undefined),
  );
  return agent;
}
