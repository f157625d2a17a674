import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { poolerOfStack } from "../stack/outputs";

export const resumePooler: OperatorCommand = {
  name: "resume-pooler",
  hiddenAliases: ["release-pooler"],
  description: "let the clients of a paused pooler continue",
  example: "resume-pooler",
  documented: "docs/connections.md#restarting-the-primary",
  run: resume,
};

async function resume(session: Session): Promise<void> {
  const pooler = poolerOfStack(session.stack, await session.stackOutputs());
  await session.servers.resume(pooler);
  session.show({ resumed: pooler.name }, () => `The clients of ${pooler.name} continue.`);
}
