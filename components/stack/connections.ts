import * as pulumi from "@pulumi/pulumi";
import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import type { ConnectionUris, StackOutputs } from "../../contract/stackOutputs";
import { type Address, bracketed } from "../kit/address";
import { entryOf } from "../pgBouncer/sizes";
import type { Superuser } from "../preparedPrimary/settings";

interface ConnectionsArgs {
  /** The databases. For "*" there is one URI, of the database postgres. */
  databases: string[] | "*";
  /** The login in the URIs. */
  superuser: Superuser;
  /** The primary as clients reach it. */
  primary: Address;
  /** The first standby as clients reach it. Default: none, and no `standby`. */
  standby?: Address | undefined;
  /** The pooler as clients reach it. Default: none, and no `pooled`. */
  pooler?: Address | undefined;
}

/** The URIs of each database, with the superuser's login. They are a secret. */
export function connectionsOf(args: ConnectionsArgs): pulumi.Output<StackOutputs["connections"]> {
  const { superuser, primary, standby, pooler } = args;
  const databases = args.databases === "*" ? [maintenanceDatabase] : args.databases;
  return pulumi.secret(superuser.password).apply((password) => {
    const login = password ? [superuser.name, password] : [superuser.name];
    const user = login.map(encodeURIComponent).join(":");
    const uri = ({ host, port }: Address, database: string) =>
      `postgresql://${user}@${bracketed(host)}:${port}/${encodeURIComponent(database)}`;
    const of = (database: string): ConnectionUris => ({
      direct: uri(primary, database),
      ...(pooler ? { pooled: uri(pooler, entryOf(database, "primary")) } : {}),
      ...(standby ? { standby: uri(standby, database) } : {}),
    });
    return Object.fromEntries(databases.map((database) => [database, of(database)]));
  });
}
