/** The steps that prepare a primary, in order; `observe` only looks. */
export type StepName = "preflight" | "role" | "cap" | "slot" | "hba" | "probe" | "observe";

/** How psql reaches the server: over TCP from a container, or on the primary's own machine. */
export type Transport = { kind: "sql" } | { kind: "ssh"; sudo?: boolean | string; psql?: string };

/** Where the primary is, who we are there, and who prepares it. */
export interface PrimarySettings {
  /** The owner that the primary records, such as `laterbase/dev#1a2b3c4d`. */
  stack: string;
  /** The replication role. */
  role: string;
  /** A name, an address, or the directory of a Unix socket. */
  host: string;
  port: number;
  superuser: string;
  /** Empty where the server asks for none (a local socket, or `sudo`). */
  superuserPassword: string;
  /** The database to run SQL in: `postgres`. */
  database: string;
  /** The major version that the configuration names. */
  version: number;
  transport: Transport;
}

/** What a step works on; each step reads its own. */
export interface StepValues {
  /** preflight, observe: every slot of the stack. */
  slots?: string[];
  /** slot */
  slot?: string;
  /** role: a SCRAM verifier, never a password. */
  verifier?: string;
  /** cap: `max_slot_wal_keep_size`, such as `10GB`. */
  size?: string;
  /** hba: networks in CIDR notation, or `samenet`. */
  allowFrom?: string[];
  /** probe: the replication role's password. */
  password?: string;
}

/** The replication role of a stack. */
export function roleName(stack: string): string {
  return `laterbase_${stack.replace(/[^a-z0-9_]/g, "_")}`.slice(0, 63);
}

/** The first and the last line of a stack's block in pg_hba.conf. */
export function hbaMarkers(owner: string): { first: string; last: string } {
  return { first: `# BEGIN laterbase ${owner}`, last: `# END laterbase ${owner}` };
}

/** A stack's block in pg_hba.conf, markers included. */
export function hbaBlock(owner: string, role: string, allowFrom: readonly string[]): string {
  const { first, last } = hbaMarkers(owner);
  return [first, ...hbaLines(role, allowFrom), last, ""].join("\n");
}

/** The rules that let a role replicate from some networks, as lines of pg_hba.conf. */
export function hbaLines(role: string, allowFrom: readonly string[]): string[] {
  return hbaNetworks(allowFrom).map(
    (network) => `host    replication    ${role}    ${network}    scram-sha-256`,
  );
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
