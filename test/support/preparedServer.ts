import { Stranger, superuser } from "./primaryServer";
import { SshServer } from "./primarySshServer";
import { ok, run } from "./process";

/** What a stack has on a primary. */
export interface PreparedFacts {
  /** The stack's number in the record. Empty: there is no record. */
  owner: string;
  roles: string[];
  slots: string[];
  /** max_slot_wal_keep_size in MB. */
  limit: number;
  /** The slots in the record. */
  recorded: string[];
  /** The stack's block in pg_hba.conf, and the rest of that file. */
  block: string;
  rest: string;
}

/**
 * Another owner's PostgreSQL that is reached by SQL at two addresses and two ports and over SSH, and what a
 * stack has on it. Both subnets are the first three numbers of networks of its own.
 */
export class PreparedServer extends Stranger {
  readonly superuser = superuser;
  ssh: SshServer;
  originalHba = "";

  constructor(
    major: number,
    private readonly subnet: string,
    private readonly otherSubnet: string,
  ) {
    const ports = [`${subnet}.1:5432`, `${subnet}.1:6432`, `${otherSubnet}.1:5432`];
    super(major, {
      network: ["--subnet", `${subnet}.0/24`],
      docker: ports.flatMap((port) => ["--publish", `${port}:5432`]),
    });
    this.ssh = new SshServer(this.name);
  }

  override async start(): Promise<this> {
    const other = ["--subnet", `${this.otherSubnet}.0/24`, `${this.name}-other`];
    await ok("docker", ["network", "create", ...other]);
    await super.start();
    this.originalHba = await this.readHba();
    await this.ssh.start(`${this.subnet}.1`);
    return this;
  }

  override async stop(): Promise<void> {
    await this.ssh.stop();
    await super.stop();
    await run("docker", ["network", "rm", `${this.name}-other`]);
  }

  /** Another SSH server, with other keys at another port. */
  async otherSsh(): Promise<void> {
    await this.ssh.stop();
    this.ssh = await new SshServer(this.name).start(`${this.subnet}.1`);
  }

  async facts(role: string): Promise<PreparedFacts> {
    const text = await this.sql(
      `with note as (select shobj_description(oid, 'pg_authid')::jsonb as o from pg_roles where rolname = '${role}')
       select json_build_object(
         'owner', coalesce((select o->>'owner' from note), ''),
         'recorded', coalesce((select json_agg(s order by s) from note, jsonb_array_elements_text(o->'slots') s), '[]'),
         'roles', (select coalesce(json_agg(rolname order by rolname), '[]') from pg_roles where rolname like 'laterbase%'),
         'slots', (select coalesce(json_agg(slot_name order by slot_name), '[]') from pg_replication_slots),
         'limit', (select setting::int from pg_settings where name = 'max_slot_wal_keep_size'))`,
    );
    const file = await this.readHba();
    const [block = ""] = /^# BEGIN laterbase [\s\S]*?^# END laterbase .*\n/m.exec(file) ?? [];
    return { ...(JSON.parse(text) as PreparedFacts), block, rest: file.replace(block, "") };
  }
}
