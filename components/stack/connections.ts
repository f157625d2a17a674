import * as pulumi from "@pulumi/pulumi";
import { containerName } from "../../contract/names";
import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import type { ConnectionUris, ServerUris, StackOutputs } from "../../contract/stackOutputs";
import { namedDatabases } from "../primary/owners";
import { type Address, bracketed } from "../kit/address";
import type { StackContext } from "../kit/context";
import { entryOf } from "../pgBouncer/sizes";
import type { Config } from "./configSchema";
import * as servers from "./servers";

/** What clients reach, from one place. */
export interface Reached {
  /** The primary. */
  primary: Address;
  /** The pooler. Default: none, and no `pooled`. */
  pooler?: Address | undefined;
  /** The first standby. Default: none, and no `standby`. */
  standby?: Address | undefined;
}

interface ConnectionsArgs {
  /** The databases. */
  databases: readonly string[];
  /** The logins of their owners, by database. Default: none, and the URIs have no login. */
  logins?: ReadonlyMap<string, { name: string; password: pulumi.Output<string> }> | undefined;
  /** As people and other machines reach them. */
  outside: Reached;
  /** As containers in the stack's network reach them. */
  inside: Reached;
}

/** The URIs of each database, with the login of its owner and of nobody else. They are a secret. */
export function connectionsOf(args: ConnectionsArgs): pulumi.Output<StackOutputs["connections"]> {
  const { logins, outside, inside } = args;
  // The superuser's own has no owner of ours.
  const databases = args.databases.filter((database) => database !== maintenanceDatabase);
  const users = databases.map((database) => {
    const login = logins?.get(database);
    return login && { name: login.name, password: login.password };
  });
  return pulumi.secret(users).apply((known) =>
    Object.fromEntries(
      databases.map((database, i): [string, ConnectionUris] => {
        const login = known[i];
        const user = login
          ? `${[login.name, login.password].map(encodeURIComponent).join(":")}@`
          : "";
        return [
          database,
          { ...urisOf(database, user, outside), internal: urisOf(database, user, inside) },
        ];
      }),
    ),
  );
}

function urisOf(database: string, user: string, { primary, pooler, standby }: Reached): ServerUris {
  const uri = ({ host, port }: Address, name: string) =>
    `postgresql://${user}${bracketed(host)}:${port}/${encodeURIComponent(name)}`;
  return {
    direct: uri(primary, database),
    ...(pooler ? { pooled: uri(pooler, entryOf(database, "primary")) } : {}),
    ...(standby ? { standby: uri(standby, database) } : {}),
  };
}

/** The databases of a stack with what containers in its network reach. */
export function insideOf(
  config: Config,
  stack: StackContext,
  { near }: servers.Server,
): { databases: string[]; inside: Reached } {
  const pooler = config.pooler && { host: containerName(stack.prefix, "pooler"), port: 6432 };
  const inside = { primary: near, pooler, standby: servers.firstStandby(config, stack) };
  return { databases: namedDatabases(config), inside };
}
