/** A rule of pg_hba.conf that lets one role in from one network, by SCRAM. */
export interface HbaRule {
  database: "replication" | "all";
  role: string;
  network: string;
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
export function hbaBlock(owner: string, rules: readonly HbaRule[], guarded?: string): string {
  const { first, last } = hbaMarkers(owner);
  const guard = guarded ? [`host    all    ${guarded}    all    reject`] : [];
  return [first, ...hbaLines(rules), ...guard, last, ""].join("\n");
}

/** Rules as lines of pg_hba.conf. */
export function hbaLines(rules: readonly HbaRule[]): string[] {
  return rules.map(
    ({ database, role, network }) =>
      `host    ${database}    ${role}    ${network}    scram-sha-256`,
  );
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
