import { socketFolder } from "../names";
import type { Advice } from "./check";

/** A stack as the commands of its operator name it. */
export interface AdvisedStack {
  stack: string;
  /** The beginning of the containers' names. */
  prefix: string;
  /** The standbys on the engine that the operator's `docker` talks to. */
  near: readonly string[];
}

/** The commands of a stack's operator, where there is no Pulumi and no engine to ask. */
export function adviceOf({ stack, prefix, near }: AdvisedStack): Advice {
  const dev = stack === "dev";
  return {
    operator: (words) => `npm run laterbase -- ${words}${dev ? "" : ` --stack ${stack}`}`,
    up: dev ? "npm start" : `npm run pulumi -- up --refresh --stack ${stack}`,
    // The superuser's name is only known in the container.
    resume: (standby) =>
      near.includes(standby)
        ? `docker exec ${prefix}-${standby} bash -c 'psql -h ${socketFolder("standby")} -U "$SUPERUSER" -d template1 -c "SELECT pg_wal_replay_resume()"'`
        : undefined,
  };
}
