import { maintenanceDatabase } from "../../contract/maintenanceDatabases";

/** A rule of pg_hba.conf that lets one role in from one network, by SCRAM. */
export interface HbaRule {
  database: "replication" | "all";
  role: string;
  network: string;
}

/**
 * A rule that lets a role in over the server's own socket, without a password, when the user of the operating
 * system is PostgreSQL's. The map in pg_ident.conf has the role's name and names no other role.
 */
export interface SocketRule {
  database: string;
  role: string;
  socket: true;
}

/** The first and the last line of a stack's block in pg_hba.conf. */
export function hbaMarkers(owner: string): { first: string; last: string } {
  return { first: `# BEGIN laterbase ${owner}`, last: `# END laterbase ${owner}` };
}

/**
 * A stack's block in pg_hba.conf, markers included.
 *
 * @param guarded the replication role, which then may connect to no database. A line of others for all
 * roles and databases would let it copy the server: such a connection may replicate, too. Default: no
 * guard, as blocks of earlier versions are
 */
export function hbaBlock(
  owner: string,
  rules: readonly (HbaRule | SocketRule)[],
  guarded?: string,
): string {
  const { first, last } = hbaMarkers(owner);
  const guard = guarded ? [`host    all    ${guarded}    all    reject`] : [];
  return [first, ...hbaLines(rules), ...guard, last, ""].join("\n");
}

/** Rules as lines of pg_hba.conf. */
export function hbaLines(rules: readonly (HbaRule | SocketRule)[]): string[] {
  return rules.map((rule) =>
    "socket" in rule
      ? `local    ${rule.database}    ${rule.role}    peer map=${rule.role}`
      : `host    ${rule.database}    ${rule.role}    ${rule.network}    scram-sha-256`,
  );
}

/** How the role that backs up gets in. pgBackRest needs one database only. */
export function socketRule(role: string): SocketRule {
  return { database: maintenanceDatabase, role, socket: true };
}

/** A stack's block in pg_ident.conf, markers included: PostgreSQL's own user is that role, and no other. */
export function identBlock(owner: string, { role }: SocketRule): string {
  const { first, last } = hbaMarkers(owner);
  return [first, `${role}    postgres    ${role}`, last, ""].join("\n");
}

/**
 * The rules that a stack needs: its role may replicate from the networks, and its roles that read may
 * connect to any database from them.
 */
export function hbaRules(
  role: string,
  allowFrom: readonly string[],
  readers: readonly string[] = [],
): HbaRule[] {
  const networks = hbaNetworks(allowFrom);
  const rules = (database: HbaRule["database"], name: string) =>
    networks.map((network) => ({ database, role: name, network }));
  return [...rules("replication", role), ...readers.flatMap((reader) => rules("all", reader))];
}

/** The networks as pg_hba.conf wants them: a bare address is a network of one. */
export function hbaNetworks(allowFrom: readonly string[]): string[] {
  return [...new Set(allowFrom)].map((network) => {
    if (!/^[0-9A-Za-z.:/]+$/.test(network)) {
      throw new Error(`"${network}" is no network such as 192.168.1.0/24`);
    }
    if (/^(samenet|samehost|all)$/.test(network) || network.includes("/")) return network;
    return `${network}/${network.includes(":") ? 128 : 32}`;
  });
}
