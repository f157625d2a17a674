import { ok, run, until } from "./process";
import { sql, Stack } from "./stack";
import { Mac } from "./macLab";
import { library, makeLibrary } from "./macLibrary";

export interface Health {
  state: string;
  detail: string;
  since: string;
}

/**
 * A Mac and its standby. The Mac sleeps, comes back at another address and is restarted. The standby
 * knows it by a name in the stack's network.
 */
export class Trip {
  readonly host = "studio.lan";
  readonly stack: Stack;
  readonly mac: Mac;
  private readonly network: string;
  private readonly standby: string;
  private uri = "";
  private filler = "";

  constructor(
    name: string,
    subnet: string,
    private readonly port: number,
  ) {
    this.stack = new Stack(name);
    this.mac = new Mac({ subnet });
    this.network = `laterbase-${name}`;
    this.standby = this.stack.container("standby");
  }

  /** First by the address, because the name is one of a network that `up` makes. */
  async begin(): Promise<void> {
    await this.mac.start();
    await makeLibrary(this.mac);
    await this.configure({ host: this.mac.host });
    await this.stack.up();
    this.uri = (
      await this.stack.outputsOfSuperuser({ name: "postgres", password: this.mac.password })
    ).connections[library].standby;
    await this.until("running");
    await this.mac.join(this.network, this.host);
  }

  /** First back to the address, because destroy needs the Mac and removes the network of the name. */
  async end(): Promise<void> {
    try {
      await this.configure({ host: this.mac.host });
      await this.stack.up();
    } finally {
      if (this.filler) await run("docker", ["rm", "-f", this.filler]);
      await run("docker", ["network", "disconnect", "-f", this.network, this.mac.name]);
      await this.stack.remove().finally(() => this.mac.stop());
    }
  }

  configure(primary: Record<string, unknown>): Promise<void> {
    return this.stack.configure(
      {
        primary: {
          kind: "external",
          host: this.host,
          version: 13,
          databases: [library],
          // The networks that Docker chooses from, and the Mac's own.
          allowFrom: ["10.213.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
          slotRetention: "256MB",
          ...primary,
        },
        standbys: [{ name: "standby", port: this.port }],
      },
      { "primary.superuser.password": this.mac.password },
    );
  }

  async health(): Promise<Health> {
    const { stdout } = await run("docker", ["exec", this.standby, "laterbase-health"]);
    return JSON.parse(stdout) as Health;
  }

  async until(state: string, seconds = 240): Promise<Health> {
    let last: Health | undefined;
    await until(
      `the standby is ${state}`,
      async () => {
        last = await this.health();
        if (last.state === state) return true;
        throw new Error(JSON.stringify(last));
      },
      seconds,
    );
    return last!;
  }

  /** A number that changes with each new clone. */
  clone = () =>
    ok("docker", [
      "exec",
      this.standby,
      "stat",
      "-c",
      "%i",
      "/var/lib/postgresql/standby/data/PG_VERSION",
    ]);

  /** Switches the standby's machine off and on. */
  switchOff = () => ok("docker", ["stop", this.standby]);
  switchOn = () => ok("docker", ["start", this.standby]);

  /** Cuts the Mac off without notice. */
  sleep = () => this.mac.leave(this.network);

  /** Brings it back at another address, because another container has the old one. */
  async wakeElsewhere(): Promise<void> {
    const image = await ok("docker", ["inspect", "-f", "{{.Config.Image}}", this.mac.name]);
    const filler = ["run", "-d", "--network", this.network, "--entrypoint", "sleep"];
    this.filler ||= (await ok("docker", [...filler, image.trim(), "infinity"])).trim();
    await this.wake();
  }

  /** The address that the standby resolves the Mac's name to. */
  async address(): Promise<string> {
    const said = await run("docker", ["exec", this.standby, "getent", "hosts", this.host]);
    return said.stdout.split(/\s/)[0] ?? "";
  }

  /** A free address of the stack's network. */
  async nobody(): Promise<string> {
    const subnet = await ok("docker", [
      ...["network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", this.network],
    ]);
    return subnet.trim().replace(/\.\d+\/\d+$/, ".250");
  }

  wake = () => this.mac.join(this.network, this.host);

  /** Writes more WAL than the slot may hold, in segments of 16 MB that are mostly empty. */
  async outrunTheSlot(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const insert = `insert into clips (name, note) values (clip_name(${10_000_000 + i}), '')`;
      await this.mac.sql(`${insert}; select pg_switch_wal()`, library);
    }
    await this.mac.sql("checkpoint");
    await until("the slot is lost", async () => {
      const state = "select wal_status from pg_replication_slots";
      await this.mac.sql("checkpoint");
      return (await this.mac.sql(state)) === "lost";
    });
  }

  /** The rows of both sides, once the standby has replayed what the Mac has written so far. */
  async same(): Promise<{ mac: string; standby: string }> {
    const lsn = await this.mac.sql("select pg_current_wal_flush_lsn()");
    await until(
      `the standby has replayed ${lsn}`,
      async () => {
        const done = `select pg_last_wal_replay_lsn() >= '${lsn}' as done`;
        return (await sql<{ done: boolean }>(this.uri, done))[0]!.done;
      },
      300,
    );
    const sum =
      "select count(*) || ' ' || md5(string_agg(c::text, '' order by id)) as sum from clips c";
    const [row] = await sql<{ sum: string }>(this.uri, sum);
    return { mac: await this.mac.sql(sum, library), standby: row!.sum };
  }
}
