import fc from "fast-check";
import { pick } from "./names";
import { literal, type Place, quoted } from "./place";

/** What is granted on one object: to whom, whether with the grant option, and who passes it on. */
export interface Grant {
  privilege: number;
  grantee: number;
  option: boolean;
  /** Who gets it from the grantee. */
  further?: number | undefined;
}

export interface Rights {
  owner: number;
  grants: Grant[];
  /** Whether the owner and PUBLIC lose what they have without any GRANT. */
  revoke: boolean;
}

const grant: fc.Arbitrary<Grant> = fc.record({
  privilege: pick,
  grantee: pick,
  option: fc.boolean(),
  further: fc.option(pick, { nil: undefined }),
});

export const rights: fc.Arbitrary<Rights> = fc.record({
  owner: pick,
  grants: fc.array(grant, { maxLength: 3 }),
  revoke: fc.boolean(),
});

/** The privileges that each kind of object has, as GRANT says them. */
export const PRIVILEGES = {
  TABLE: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  SEQUENCE: ["USAGE", "SELECT", "UPDATE"],
  FUNCTION: ["EXECUTE"],
  PROCEDURE: ["EXECUTE"],
  SCHEMA: ["USAGE", "CREATE"],
  TYPE: ["USAGE"],
  DOMAIN: ["USAGE"],
  LANGUAGE: ["USAGE"],
  DATABASE: ["CONNECT", "TEMPORARY", "CREATE"],
  "LARGE OBJECT": ["SELECT", "UPDATE"],
  "FOREIGN DATA WRAPPER": ["USAGE"],
  "FOREIGN SERVER": ["USAGE"],
} as const;

export type Grantable = keyof typeof PRIVILEGES;

/** Statements that give an object its ACL. They keep its owner. */
export function grants(
  place: Place,
  kind: Grantable,
  name: string,
  owner: string,
  { grants: wanted, revoke }: Rights,
  columns?: string,
): string[] {
  const words: string[] =
    kind === "TABLE" && place.major >= 17
      ? [...PRIVILEGES.TABLE, "MAINTAIN"]
      : [...PRIVILEGES[kind]];
  const statements: string[] = [];
  if (revoke) {
    statements.push(`REVOKE ALL ON ${kind} ${name} FROM PUBLIC`);
    if (wanted.length === 0) statements.push(`REVOKE ALL ON ${kind} ${name} FROM ${quoted(owner)}`);
  }
  for (const [n, one] of wanted.entries()) {
    const word = words[one.privilege % words.length]!;
    const ofColumns = columns && n === 0 ? `SELECT (${columns})` : word;
    const grantee = place.role(one.grantee);
    const toPublic = !one.option && one.grantee % 3 === 0;
    const whom = toPublic ? "PUBLIC" : quoted(grantee);
    const option = one.option ? " WITH GRANT OPTION" : "";
    statements.push(`GRANT ${ofColumns} ON ${kind} ${name} TO ${whom}${option}`);
    // The superuser's and the owner's grants are recorded as the owner's.
    if (one.further === undefined || !one.option || grantee === owner || grantee === place.role(0))
      continue;
    const further = place.role(one.further);
    if (further === grantee || further === owner) continue;
    if (name.startsWith(`${place.schema}.`)) {
      statements.push(`GRANT USAGE ON SCHEMA ${place.schema} TO ${quoted(grantee)}`);
    }
    statements.push(
      `SET SESSION AUTHORIZATION ${quoted(grantee)}`,
      `GRANT ${ofColumns} ON ${kind} ${name} TO ${quoted(further)}`,
      "RESET SESSION AUTHORIZATION",
    );
  }
  return statements;
}

/** Owner, ACL and comment of an object that is made. */
export function finished(
  place: Place,
  kind: string,
  name: string,
  given: Rights,
  comment: string | undefined,
  grantable?: Grantable,
): string[] {
  const owner = place.role(given.owner);
  return [
    `ALTER ${kind} ${name} OWNER TO ${quoted(owner)}`,
    ...(grantable ? grants(place, grantable, name, owner, given) : []),
    ...(comment === undefined ? [] : [`COMMENT ON ${kind} ${name} IS ${literal(comment)}`]),
  ];
}
