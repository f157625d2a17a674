import { type Client, escapeIdentifier as name } from "pg";
import { codeOf } from "../kit/failure";

/** A check of a domain that is off while the superuser defines things. */
interface DomainCheck {
  owner: string;
  schema: string;
  domain: string;
  constraint: string;
  valid: boolean;
  /** `ALTER DOMAIN … NOT VALID`, as bytes of the database's encoding in hexadecimal digits. */
  statement: string;
}

/** feature_not_supported: a column holds the domain inside a row type, so PostgreSQL looks at no row. */
const NOT_SUPPORTED = "0A000";

/**
 * The checks of the owners' domains. A literal of an array or a row type runs them as soon as a
 * statement is parsed, as the user of the session: so they are off whenever the superuser defines
 * something, and each comes back with the rights of the domain's owner.
 */
export class DomainChecks {
  private readonly off = new Map<string, DomainCheck>();

  /**
   * @param session a superuser's, in the database that is restored
   * @param trusted the roles whose checks the superuser may run
   */
  constructor(
    private readonly session: Client,
    private readonly trusted: readonly string[],
  ) {}

  /** Turns off the checks that are there. Hostile code may have made others since the last time. */
  async turnOff(): Promise<void> {
    const { rows } = await this.session.query<DomainCheck>(
      `SELECT pg_get_userbyid(t.typowner) AS owner, n.nspname AS schema, t.typname AS domain,
              c.conname AS constraint, c.convalidated AS valid,
              encode(convert_to(format('ALTER DOMAIN %I.%I ADD CONSTRAINT %I %s', n.nspname,
                t.typname, c.conname, pg_get_constraintdef(c.oid))
                || CASE WHEN c.convalidated THEN ' NOT VALID' ELSE '' END,
                getdatabaseencoding()), 'hex') AS statement
         FROM pg_constraint c JOIN pg_type t ON t.oid = c.contypid
         JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE c.contype = 'c' AND pg_get_userbyid(t.typowner) <> ALL ($1)
          AND n.nspname <> 'information_schema' ORDER BY c.oid`,
      [this.trusted],
    );
    for (const check of rows) {
      await this.session.query(`${alter(check)} DROP CONSTRAINT ${name(check.constraint)}`);
      this.off.set(JSON.stringify([check.schema, check.domain, check.constraint]), check);
    }
  }

  /** The owners whose checks are off. */
  owners(): string[] {
    return [...new Set([...this.off.values()].map(({ owner }) => owner))];
  }

  /**
   * Turns the checks of an owner on again, in a session with its rights only.
   *
   * @param onFailure gets each check that is missing or not validated. It may throw
   */
  async turnOn(
    session: Client,
    owner: string,
    onFailure: (
      check: Pick<DomainCheck, "schema" | "domain" | "constraint">,
      error: unknown,
    ) => void,
  ): Promise<void> {
    for (const [key, check] of this.off) {
      if (check.owner !== owner) continue;
      try {
        // As bytes: a database without an encoding may hold what is not text to a client.
        await session.query(
          `DO $$ BEGIN EXECUTE pg_catalog.convert_from(pg_catalog.decode('${check.statement}', 'hex'),
             pg_catalog.getdatabaseencoding()); END $$`,
        );
        if (check.valid) await this.validate(session, check);
      } catch (error) {
        onFailure(check, error);
      }
      this.off.delete(key);
    }
  }

  /** The rows are those that the dump found valid, so what cannot be looked at again stays valid. */
  private async validate(session: Client, check: DomainCheck): Promise<void> {
    try {
      await session.query(`${alter(check)} VALIDATE CONSTRAINT ${name(check.constraint)}`);
    } catch (error) {
      if (codeOf(error) !== NOT_SUPPORTED) throw error;
      await this.session.query(
        `UPDATE pg_constraint SET convalidated = true
          WHERE conname = $3 AND contypid = (SELECT t.oid FROM pg_type t
            JOIN pg_namespace n ON n.oid = t.typnamespace WHERE nspname = $1 AND typname = $2)`,
        [check.schema, check.domain, check.constraint],
      );
    }
  }
}

function alter({ schema, domain }: DomainCheck): string {
  return `ALTER DOMAIN ${name(schema)}.${name(domain)}`;
}
