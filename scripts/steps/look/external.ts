import { DatabaseError } from "pg";
import type { ExternalLooks, Looks } from "../../../contract/looks";
import { quoted } from "../../../contract/quoting";
import { type SeenEngine, withBash } from "./engine";
import { type Found, joined } from "./found";
import { askFrom } from "../../primary/loginFrom";
import { factsQuery, type PrimaryFacts, type SeenPrimary, unadmitted } from "./primaryFacts";

/**
 * Logs in to an external primary as its superuser, from each engine that runs something of the stack. Nothing runs
 * there before the first `up`: then the preflight step looks, before it changes anything.
 *
 * @param bytes whether to ask for the size of all databases, which takes longer
 */
export async function lookAtExternal(
  { stack, prefix }: Looks,
  looks: ExternalLooks,
  engines: readonly SeenEngine[],
  bytes: boolean,
): Promise<SeenPrimary> {
  if (looks.password === "") return { found: { refused: [], unseen: [] } };
  const places = engines.flatMap((from) => {
    const container = withBash(from, prefix, stack).find(({ running }) => running);
    return container ? [{ from, container: container.name }] : [];
  });
  const seen = await Promise.all(
    places.map(({ from, container }) => ask(looks, from, container, bytes)),
  );
  const [facts] = seen.flatMap((one) => ("facts" in one ? [one.facts] : []));
  return { found: joined(seen.map((one) => sentences(looks, one))), facts };
}

/** What was seen of a primary from one engine: its facts, the SQLSTATE of its refusal, or nothing. */
export type Answer = { from: Pick<SeenEngine, "where" | "wanted"> } & (
  | { facts: PrimaryFacts }
  | { sqlState: string }
  | { silent: true }
);

async function ask(
  looks: ExternalLooks,
  from: SeenEngine,
  container: string,
  bytes: boolean,
): Promise<Answer> {
  try {
    const facts = await askFrom<PrimaryFacts>(from.engine, container, looks, factsQuery(bytes));
    return { facts, from };
  } catch (error) {
    if (!(error instanceof DatabaseError)) return { silent: true, from };
    const sqlState = error.code ?? "";
    // Many files may take too long to be counted. The room is then not looked at.
    if (bytes && sqlState === "57014") return ask(looks, from, container, false);
    return { sqlState, from };
  }
}

/** A sentence for each thing that a change needs of its primary and that is not so. */
export function sentences(looks: ExternalLooks, answer: Answer): Found {
  const server = `The primary at ${at(looks)}`;
  const unasked = "so its password, databases and addresses were not looked at";
  if ("silent" in answer) return { refused: [], unseen: [`${server} did not answer, ${unasked}`] };
  if ("sqlState" in answer) {
    const refused = refusedLogin(looks, answer.sqlState, answer.from.where);
    const unseen = `${server} refused the login of ${quoted(looks.superuser)} (SQLSTATE ${answer.sqlState}), ${unasked}`;
    return { refused, unseen: refused.length > 0 ? [] : [unseen] };
  }
  const { facts, from } = answer;
  const { version } = looks;
  const must = `laterbase:primary.version must be ${facts.major}, the major of ${at(looks)}; it is ${version}`;
  const refused = [
    ...(facts.major === version ? [] : [must]),
    ...unknownDatabases(looks, facts.databases),
    ...unadmitted(looks.allowFrom, facts, from),
  ];
  return { refused, unseen: [] };
}

/** The server and its port in a sentence. */
const at = ({ host, port }: Pick<ExternalLooks, "host" | "port">) => `${host}:${port}`;

function refusedLogin(looks: ExternalLooks, sqlState: string, where: string): string[] {
  if (sqlState === "28P01") {
    return [
      `laterbase:primary.superuser.password must be the password of ${quoted(looks.superuser)} on ${at(looks)}, which ` +
        "refuses the one that is set; set the right one by `npm run pulumi -- config set --secret --path " +
        "'laterbase:primary.superuser.password'`",
    ];
  }
  if (sqlState === "28000" && looks.needsLogin) {
    return [
      `laterbase:primary.superuser.name must be a role that ${at(looks)} lets in by password from ${where}; it is ` +
        `${quoted(looks.superuser)}, which pg_hba.conf or the role itself keeps out (SQLSTATE 28000)`,
    ];
  }
  return [];
}

/** Before anything of a stack runs, the preflight step says the same. */
function unknownDatabases(looks: ExternalLooks, there: readonly string[]): string[] {
  const some = there.slice(0, 20).map(quoted).join(", ");
  const known = there.length > 20 ? `${some} and ${there.length - 20} more` : some;
  return Object.entries(looks.databases).flatMap(([key, names]) =>
    names
      .filter((name) => !there.includes(name))
      .map(
        (name) => `${key} names ${quoted(name)}, which ${at(looks)} does not have; it has ${known}`,
      ),
  );
}
