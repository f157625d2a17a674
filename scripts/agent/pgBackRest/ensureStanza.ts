import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import type { CommandOptions } from "./command";
import { stanzaStatus } from "./info";
import type { Look } from "./look";
import { createStanza } from "./stanza";

/** What the stanza needs, by what the repositories say. */
export function stanzaNeeds(
  looks: readonly Pick<Look, "info">[],
  major: number,
): "create" | "upgrade" | undefined {
  const infos = looks.flatMap(({ info }) => info ?? []);
  const missing: number[] = [stanzaStatus.missingPath, stanzaStatus.missingData];
  if (infos.some(({ status }) => missing.includes(status))) return "create";
  // Only an upgrade of PostgreSQL explains an older major. Another server of the same one is refused.
  const older = infos.some(({ versions }) => Number.parseInt(versions.at(-1) ?? "", 10) < major);
  return older ? "upgrade" : undefined;
}

/**
 * Creates the stanza in the repositories that lack it, and adds the new version after an upgrade of PostgreSQL.
 *
 * @returns whether there was something to do, and it is done
 */
export async function ensureStanza(
  context: Context,
  looks: readonly Look[],
  options: CommandOptions = {},
): Promise<boolean> {
  const needs = stanzaNeeds(looks, context.config.major);
  if (needs === undefined) return false;
  try {
    const away = looks.filter(({ info }) => !info).map(({ repository }) => repository.number);
    await createStanza(context, { ...options, away, upgrade: needs === "upgrade" });
    context.log(`the stanza is ${needs}d in every repository that answers`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`The stanza cannot be ${needs}d yet: ${error.message}`);
  }
}
