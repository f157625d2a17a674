import * as pulumi from "@pulumi/pulumi";
import { entryOf } from "./pgBouncer/sizes";

interface Address {
  host: string;
  port: number;
}

/** Connection URIs to one database. */
export interface Connections {
  direct: string;
  /** Through the pooler, where there is one. */
  pooled?: string;
  standby: string;
}

/** The URIs of each database, with the superuser's login; of every database when they are "*": postgres. */
export function connectionsOf(
  primary: Address & { databases: string[] | "*" },
  superuser: { name: string; password: pulumi.Input<string> },
  standby: Address,
  pooler?: Address,
): pulumi.Output<Record<string, Connections>> {
  const databases = primary.databases === "*" ? ["postgres"] : primary.databases;
  return pulumi.secret(superuser.password).apply((password) => {
    const user = [superuser.name, ...(password ? [password] : [])]
      .map(encodeURIComponent)
      .join(":");
    const uri = (server: Address, database: string) =>
      `postgresql://${user}@${bracketed(server.host)}:${server.port}/${encodeURIComponent(database)}`;
    return Object.fromEntries(
      databases.map((database) => [
        database,
        {
          direct: uri(primary, database),
          ...(pooler ? { pooled: uri(pooler, entryOf(database, "primary")) } : {}),
          standby: uri(standby, database),
        },
      ]),
    );
  });
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);
