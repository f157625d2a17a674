import { escapeIdentifier } from "pg";
import type { MissingObject, Restored } from "../../../contract/agentReplies";
import { visible } from "../../../contract/visible";
import { dockerCopy, psqlCommand } from "../servers/psqlCommand";
import type { Session } from "../session";
import { agentOf, type KnownOutputs } from "../stack/outputs";
import { count, moment, omitted, seconds } from "../terminal/format";
import { quoted } from "../../../contract/quoting";

const SHOWN = 40;

/** What a restore did, with the commands that may come next. */
export function restoreSummary(
  restored: Restored,
  session: Pick<Session, "stack">,
  outputs: KnownOutputs,
  superuser: string,
): string {
  const { database, replaced, notReplaced, leftovers, templates = [] } = restored;
  const psql = (statements: readonly string[]) =>
    `  ${psqlCommand(session.stack, outputs, superuser, restored.primary, statements)}`;
  const drop = (one: string) => {
    const name = escapeIdentifier(one);
    const first = templates.includes(one) ? [`ALTER DATABASE ${name} IS_TEMPLATE false`] : [];
    return psql([...first, `DROP DATABASE ${name}`]);
  };
  return [
    `${quoted(database)} now holds ${quoted(restored.source)} of ${moment(restored.takenAt)}; the restore took ${seconds(restored.seconds)}.`,
    ...comparison(restored),
    ...missing(restored, session.stack, outputs),
    ...restored.omissions.map((one) => omitted("Not in the dump", one)),
    ...restored.createdRoles.map(
      (role) => `The role ${quoted(role)} was created; it cannot log in.`,
    ),
    ...restored.notes.map(visible),
    ...leftovers.flatMap((left) => [
      `${quoted(left.database)} was left by a restore that was interrupted. To put everything back:`,
      psql(left.statements),
    ]),
    ...(replaced
      ? [
          lockedOut(replaced),
          `The old database is now ${quoted(replaced.kept)}. To delete it:`,
          drop(replaced.kept),
        ]
      : [
          ...(notReplaced === undefined
            ? ["The database that was dumped is unchanged."]
            : [
                ...(restored.lockedOut ? [lockedOut(restored.lockedOut)] : []),
                `${quoted(notReplaced)} was not replaced, because the new database lacks what is named above. The same command with --accept-missing replaces it.`,
              ]),
          "To delete the new one:",
          drop(database),
        ]),
  ].join("\n");
}

function comparison({ differences, missing: lacking, ...found }: Restored): string[] {
  // Materialized views are made anew. The notes name those that have other rows.
  const { compared = 0, other = [] } = found.views ?? {};
  const views = compared - other.length;
  const contents = [
    count(found.tables, "table"),
    count(found.rows, "row"),
    count(found.largeObjects, "large object"),
    ...(found.sequences ? [count(found.sequences, "sequence")] : []),
    ...(views > 0 ? [count(views, "materialized view")] : []),
  ].join(", ");
  if (differences.length === 0) {
    return [`${lacking.length === 0 ? "It equals" : "Its rows equal"} the dump: ${contents}.`];
  }
  const rows = lacking.length > 0 ? "ROWS ARE MISSING OR DIFFERENT. " : "";
  return [
    `${rows}It differs from the dump: ${visible(differences.join("; "))}.`,
    `It holds ${contents}.`,
  ];
}

function missing(
  { missing: objects, missingSql }: Restored,
  stack: string,
  outputs: KnownOutputs,
): string[] {
  if (objects.length === 0) return [];
  const more = objects.length - SHOWN;
  return [
    `It lacks ${count(objects.length, "object")} of the dump, which could not be made:`,
    ...objects.slice(0, SHOWN).map((object) => `  ${phrase(object)}`),
    ...(more > 0 ? [`  and ${more} more, which the file names.`] : []),
    ...(missingSql === undefined
      ? []
      : [
          "Their SQL is in a file of the agent. To copy it here:",
          `  ${dockerCopy(agentOf(stack, outputs), missingSql)}`,
        ]),
  ];
}

function phrase({ kind, name, code, error, needs }: MissingObject): string {
  const why = code === null ? error : `${error} (${code})`;
  const needing = needs.length === 0 ? "" : `; it needs ${needs.join(", ")}`;
  return visible(`${kind} ${name}: ${why}${needing}`);
}

function lockedOut({ evicted, seconds: time }: { evicted: number; seconds: number }): string {
  return `The database accepted no connections for ${seconds(time)}; ${ended(evicted)}.`;
}

function ended(connections: number): string {
  return `${count(connections, "connection")} ${connections === 1 ? "was" : "were"} ended`;
}
