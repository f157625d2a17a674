import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { join } from "node:path";
import type Docker from "dockerode";
import { PgAdmin, type PgAdminArgs } from "../../components/pgAdmin/pgAdmin";
import { pgAdminSchema } from "../../components/pgAdmin/schema";
import { ownPgAdminImage } from "../../images/build/pgAdmin";
import { pgAdminRoleName } from "../../contract/names";
import { connect } from "../../scripts/engine/connect";
import { type PrimarySettings, scramVerifier, stepScript } from "../../scripts/primary";
import { containerSpec } from "../../scripts/providers/docker/containerSpec";
import { uploadArchive } from "../../scripts/providers/docker/uploads";
import { builtImage } from "./builtImage";
import { named, render } from "./mocks";
import { testStack } from "./testStack";
import { PgAdminPage } from "./pgAdminPage";
import { ok } from "./process";
import { type Box, Lab } from "./imageLab";

const engine = connect();
const project = join(__dirname, "../..");

type Change = Partial<Pick<PgAdminArgs, "servers" | "password">> & {
  email?: string;
  bindAddress?: string;
};

/**
 * A primary, its standby, and pgAdmin from the inputs of the component, but without Pulumi. `dispose`
 * removes all of it.
 */
export class PgAdminLab {
  readonly prefix = `lbt-pgadmin-${randomBytes(3).toString("hex")}`;
  readonly name = `${this.prefix}-pgadmin`;
  readonly password = "password-of-pgadmin-password";
  readonly postgres = new Lab(17);
  readonly servers = ["primary", "standby"].map((host) => ({
    name: host === "primary" ? "Primary" : "Standby (read-only)",
    host,
    port: 5432,
    username: "postgres",
    maintenanceDatabase: "postgres",
  }));
  primary!: Box;
  standby!: Box;
  private image = "";
  private wanted: Required<Change> = {
    servers: this.servers,
    password: this.postgres.secrets.superuser,
    email: "me@example.com",
    bindAddress: "127.0.0.1",
  };

  async open(): Promise<this> {
    this.image = await buildPgAdmin();
    await this.postgres.open();
    this.primary = await this.postgres.primary();
    await this.primary.until("running");
    await this.postgres.prepare(this.primary);
    await this.primary.sql(
      `SELECT pg_create_physical_replication_slot('${this.postgres.slot}', true)`,
    );
    this.standby = await this.postgres.standby();
    await this.standby.until("running");
    return this;
  }

  /** Makes the role that pgAdmin connects by, with the steps of `up`. */
  async makeRole(): Promise<{ name: string; password: string }> {
    const password = "of pgAdmin's role";
    const settings: PrimarySettings = {
      ...{ stack: "laterbase/test#0a1b2c3d", role: "laterbase_test", version: 17 },
      ...{ host: "/run/pg/primary", port: 5432, database: "postgres" },
      ...{ superuser: "postgres", superuserPassword: "", transport: { kind: "sql" } },
    };
    const values = { verifier: scramVerifier(password, Buffer.alloc(16, 5)) };
    for (const step of ["role", "pgAdmin"] as const) {
      const bash = ["exec", "-i", this.primary.name, "bash", "-s", "--", "apply"];
      await ok("docker", bash, { input: stepScript(step, settings, values) });
    }
    return { name: pgAdminRoleName("test"), password };
  }

  /** Replaces the container on the same volume, as a changed configuration does. */
  async start(change: Change = {}): Promise<string> {
    await this.remove();
    this.wanted = { ...this.wanted, ...change };
    const { inputs } = named(await this.declared(), "pgadmin-container");
    const spec = containerSpec(inputs);
    spec.HostConfig = {
      ...spec.HostConfig,
      NetworkMode: this.postgres.name,
      PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
    };
    const container = await engine.createContainer(spec);
    await container.putArchive(await uploadArchive(inputs["uploads"]), { path: "/" });
    await container.start();
    return this.ready();
  }

  async restart(): Promise<void> {
    await engine.getContainer(this.name).restart({ t: 10 });
    await this.ready();
  }

  /** Runs the step that `up` waits with, and returns what it prints. */
  ready(): Promise<string> {
    return ok("node", ["--import", "tsx", "scripts/steps/ready.ts", this.name], { cwd: project });
  }

  /** Logs in. A session of an older container ended with that container. */
  async visit(password = this.password): Promise<PgAdminPage> {
    return PgAdminPage.open({ url: await this.url(), email: this.wanted.email, password });
  }

  async url(): Promise<string> {
    const { NetworkSettings } = await this.inspect();
    return `http://127.0.0.1:${NetworkSettings.Ports["8080/tcp"]?.[0]?.HostPort}`;
  }

  /** The status of a request under a host, and the page's text. */
  async under(host: string, path = "/login", form = ""): Promise<[number, string]> {
    const { port } = new URL(await this.url());
    return new Promise((resolve, reject) => {
      const type = { "Content-Type": "application/x-www-form-urlencoded" };
      const options = { port, path, method: form ? "POST" : "GET", headers: { host, ...type } };
      const asked = request(options, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.on("end", () => resolve([answer.statusCode ?? 0, text]));
      });
      asked.on("error", reject).end(form);
    });
  }

  inspect(): Promise<Docker.ContainerInspectInfo> {
    return engine.getContainer(this.name).inspect();
  }

  /** The resources that the component declares. */
  declared() {
    const { prefix, image } = this;
    const { email, servers, password, bindAddress } = this.wanted;
    return render(() => {
      new PgAdmin("pgadmin", {
        stack: testStack({ stack: "test", prefix, bindAddress }),
        config: pgAdminSchema.parse({ port: 5050, email, hostNames: ["Pages.example.com"] }),
        image,
        servers,
        password,
        after: [],
      });
    });
  }

  bash(script: string): Promise<string> {
    return ok("docker", ["exec", this.name, "bash", "-c", script]);
  }

  /** Queries pgAdmin's own database. */
  async sqlite(query: string): Promise<unknown[][]> {
    const program = `import json, sqlite3
with sqlite3.connect("/var/lib/pgadmin/pgadmin4.db", timeout=10) as database:
    print(json.dumps(database.execute(${JSON.stringify(query)}).fetchall()))`;
    const answer = await ok("docker", ["exec", this.name, "/venv/bin/python3", "-c", program]);
    return JSON.parse(answer) as unknown[][];
  }

  async stop(): Promise<void> {
    await engine.getContainer(this.name).stop({ t: 10 });
  }

  log(): Promise<string> {
    return ok("bash", ["-c", `docker logs ${this.name} 2>&1`]);
  }

  private async remove(): Promise<void> {
    await engine.getContainer(this.name).remove({ force: true }).catch(ignore);
  }

  async dispose(): Promise<void> {
    await this.remove();
    await engine.getVolume(`${this.name}-data`).remove({ force: true }).catch(ignore);
    await this.postgres.dispose();
  }
}

/** Our image of pgAdmin, built when no stack has done so yet. Its tag. */
export const buildPgAdmin = () => builtImage(engine, ownPgAdminImage());

const ignore = () => undefined;
