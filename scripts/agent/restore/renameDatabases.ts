import { escapeLiteral as literal } from "pg";

/** The three names. Clients use `old` only. */
export interface Names {
  old: string;
  kept: string;
  fresh: string;
}

/** The server's answer. */
export interface Renamed {
  /** Why the old database kept its name. Null: the databases were renamed. */
  problem: string | null;
  /** Connections to the old database that were ended. */
  evicted: number;
  /** For how long the name accepted no connections. */
  seconds: number;
}

/** Where `renameStatement` leaves its answer, for the same session. */
export const readRenamed = "SELECT current_setting('laterbase.renamed') AS answer";

/**
 * Gives the fresh database the old one's name, in one statement. Once the server has the statement,
 * it runs to its end even when the agent dies. So the name always belongs to a database that
 * accepts connections. Both renames are one transaction. The statement itself undoes whatever goes
 * wrong.
 */
export function renameStatement({ old, kept, fresh }: Names, patienceSeconds = 30): string {
  return `DO LANGUAGE plpgsql ${literal(`
DECLARE
  old CONSTANT text := ${literal(old)};
  kept CONSTANT text := ${literal(kept)};
  fresh CONSTANT text := ${literal(fresh)};
  begun CONSTANT timestamptz := clock_timestamp();
  found int[];
  evicted int[] := '{}';
  problem text;
BEGIN
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS false', old);
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS false', fresh);
  COMMIT;
  LOOP
    BEGIN
      SELECT array_agg(pid) INTO found
        FROM pg_stat_activity WHERE datname IN (old, fresh) AND pid <> pg_backend_pid();
      PERFORM pg_terminate_backend(pid) FROM unnest(found) AS pid;
      evicted := evicted || array(
        SELECT pid FROM pg_stat_activity
        WHERE pid = ANY (found) AND datname = old AND backend_type = 'client backend');
    EXCEPTION WHEN query_canceled OR OTHERS THEN
      problem := SQLERRM;
    END;
    COMMIT;
    EXIT WHEN found IS NULL OR problem IS NOT NULL;
    IF clock_timestamp() > begun + interval '${patienceSeconds} s' THEN
      problem := 'its clients did not leave within ${patienceSeconds} s';
      EXIT;
    END IF;
    PERFORM pg_sleep(0.02);
  END LOOP;
  IF problem IS NULL THEN
    BEGIN
      EXECUTE format('ALTER DATABASE %I RENAME TO %I', old, kept);
      EXECUTE format('ALTER DATABASE %I RENAME TO %I', fresh, old);
    EXCEPTION WHEN query_canceled OR OTHERS THEN
      problem := SQLERRM;
    END;
  END IF;
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS true', old);
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS true',
    CASE WHEN problem IS NULL THEN kept ELSE fresh END);
  PERFORM set_config('laterbase.renamed', json_build_object(
    'problem', problem,
    'evicted', (SELECT count(DISTINCT pid) FROM unnest(evicted) AS pid),
    'seconds', round(extract(epoch FROM clock_timestamp() - begun)::numeric, 3))::text, false);
END`)}`;
}
