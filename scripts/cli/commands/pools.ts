import type { OperatorCommand } from "../operatorCommand";
import type { PoolsResult } from "../results";
import type { Session } from "../session";
import { poolerOfStack } from "../stack/outputs";
import { poolTable } from "../status/poolText";

export const pools: OperatorCommand = {
  name: "pools",
  description:
    "show the pooler's pools: clients, how long they wait, and connections to the servers",
  example: "pools",
  documented: "docs/command.md#pools",
  run: showPools,
};

async function showPools(session: Session): Promise<void> {
  const pooler = poolerOfStack(session.stack, (await session.stackState()).plain);
  const facts = await session.servers.pools(pooler);
  const result: PoolsResult = { pooler: pooler.name, ...facts };
  session.show(result, () =>
    [
      poolTable(facts),
      ...(facts.paused
        ? [`The pooler is paused: its clients wait. ${session.command("resume-pooler")}`]
        : []),
    ].join("\n\n"),
  );
}
