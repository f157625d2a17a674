import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doAll, ok, until } from "../../support/process";
import { adaptedExample, exampleSystems } from "../../support/exampleStacks";
import { Mac } from "../../support/macLab";
import { makeLibrary } from "../../support/macLibrary";
import { sql } from "../../support/stack";
import { WholeStack } from "../../support/wholeStack";

// Each example comes up on a real engine as its file says. Only the ports and the folder of the dumps are others, so
// that it runs beside other stacks, and the editor's Mac is a container. This does not prove schedules and restores: the
// files that the tables of the examples name do. Nothing proves a real Mac. Where no image can be pulled, Ofelia and
// Duplicati are stand-ins.
jest.setTimeout(600_000);

const subnet = "10.213.41";

describe.each(exampleSystems.map((name, i) => ({ name, first: 19600 + 20 * i })))(
  "examples/$name",
  ({ name, first }) => {
    const folder = mkdtempSync(join(tmpdir(), "laterbase-examples-"));
    const keys = adaptedExample(name, { first, folder });
    const external = keys["primary"].kind === "external";
    const mac = external ? new Mac({ subnet }) : undefined;
    const databases = keys["primary"].databases as string[];
    const stack = new WholeStack(`t-ex-${name}`, databases[0]!);
    let uris: Record<string, Record<string, string>>;
    let gone = false;
    const remove = async () => {
      if (!gone) await stack.remove();
      gone = true;
    };

    beforeAll(async () => {
      if (mac) {
        await mac.start();
        await makeLibrary(mac);
        Object.assign(keys["primary"], { host: mac.host, allowFrom: [`${subnet}.0/24`] });
      }
      await stack.configure(keys, mac ? { "primary.superuser.password": mac.password } : {});
      await stack.up();
      const login = mac && { name: "postgres", password: mac.password };
      uris = (await stack.outputsOfSuperuser<any>(login)).connections;
    }, 900_000);

    afterAll(async () => {
      await doAll(
        () => remove(),
        () => mac?.stop(),
        () => rmSync(folder, { recursive: true, force: true }),
      );
    }, 300_000);

    /** Runs SQL on the primary, as the superuser. */
    const onPrimary = (text: string, database: string): Promise<unknown> =>
      mac ? mac.sql(text, database) : sql(uris[database]!["direct"]!, text);

    it("has each database of its file, which takes a row", async () => {
      expect(Object.keys(uris).sort()).toEqual([...databases].sort());
      for (const database of databases) {
        await onPrimary(
          "create table of_the_trial as select 'written on the primary' as note",
          database,
        );
      }
    });

    if (keys["standbys"])
      it("reads on the standby what was written on the primary, and not the other way round", async () => {
        const { standby } = uris[databases[0]!]!;
        await until("the row is there", async () => {
          const [row] = await sql(standby!, "select note from of_the_trial");
          return row.note === "written on the primary";
        });
        await expect(sql(standby!, "create table refused ()")).rejects.toThrow(
          "read-only transaction",
        );
      });

    if (keys["pooler"])
      it("serves each database through its pooler", async () => {
        for (const database of databases) {
          const found = "select current_database() as name, note from of_the_trial";
          expect(await sql(uris[database]!["pooled"]!, found)).toEqual([
            { name: database, note: "written on the primary" },
          ]);
        }
      });

    if (keys["applications"])
      it("lets each application into its own database, and into no other", async () => {
        const { connections } = await stack.outputs();
        const names = Object.entries<{ database: string }>(keys["applications"]);
        for (const [role, { database }] of names) {
          const uri = connections[database].direct as string;
          const who = "select current_user as who, current_database() as where";
          expect(await sql(uri, who)).toEqual([{ who: role, where: database }]);
          for (const other of databases.filter((one) => one !== database)) {
            const elsewhere = uri.replace(/[^/]*$/, other);
            await expect(sql(elsewhere, "select 1")).rejects.toMatchObject({ code: "42501" });
          }
        }
      });

    if (keys["dumps"])
      it("has a dump in the folder of the file", async () => {
        const dumped = () =>
          stack
            .command<{ database: string; id: string }[]>("list-dumps")
            .then((all) => databases.every((one) => all.some(({ database }) => database === one)));
        await until("each database has a dump", dumped, 300);
        for (const database of databases) {
          const [taken] = readdirSync(join(folder, database)).filter((one) => /^\d/.test(one));
          const files = readdirSync(join(folder, database, taken!));
          expect(files).toEqual(
            expect.arrayContaining([`${database}.backup`, "manifest.json", "SHA256SUMS"]),
          );
          expect(files.includes(`${database}.sql.gz`)).toBe(keys["dumps"].plain === true);
        }
      });

    if (keys["backups"])
      it("has a full backup in each repository, encrypted, and WAL up to now", async () => {
        type Listed = { encrypted: boolean; backups: { type: string }[]; problem?: string };
        const listed = async () =>
          (await stack.command<{ repositories: Listed[] }>("list-backups")).repositories;
        const full = ({ backups }: Listed) => backups.some(({ type }) => type === "full");
        await until("a full backup", async () => (await listed()).every(full), 300);
        const repositories = await listed();
        expect(repositories.map(({ encrypted, problem }) => [encrypted, problem])).toEqual(
          keys["backups"].repositories.map(() => [true, undefined]),
        );
        const check = await stack.command<{ result: string }>("check");
        expect(check.result).toBe("success");
      });

    if (name === "hot-hot")
      it("has the rows that its schema brings, and stamps updated_at", async () => {
        const tables = ["activity_type", "mfi_country", "mfi_type", "platform_type"];
        for (const table of tables) {
          const [row] = await sql(uris["mfi_banking"]!["direct"]!, `select count(*) from ${table}`);
          expect(Number(row.count)).toBeGreaterThan(2);
        }
        const [row] = await sql(
          uris["mfi_banking"]!["direct"]!,
          `update mfi_clients set trading_name = 'Adom' where code = 'GH-0001'
             returning updated_at > now() - interval '1 minute' as stamped, uuid_generate_v4() is not null as uuids,
                       length(digest('x', 'sha256')) as crypto`,
        );
        expect(row).toEqual({ stamped: true, uuids: true, crypto: 32 });
      });

    if (name === "editor")
      it("uploads a dump, and pgAdmin reads the standby", async () => {
        await stack.command("upload");
        stack.known = await stack.outputs();
        expect(await stack.asked("standby")).toEqual(["true"]);
      });

    it("says by its monitor that everything works", async () => {
      let said = "";
      await until(
        "the verdict is healthy",
        async () => {
          const answer = await fetch(`http://127.0.0.1:${keys["health"].port}/health`);
          const { status, messages } = (await answer.json()) as {
            status: string;
            messages: string[];
          };
          said = `${status}: ${messages.join(" ")}`;
          return status === "healthy";
        },
        240,
      ).catch((error: Error) => {
        throw new Error(`${error.message}: ${said}`);
      });
      const { code, stdout } = await stack.laterbase("status");
      expect([code, code === 0 ? "" : stdout]).toEqual([0, ""]);
    });

    it("changes nothing in a second preview", async () => {
      await stack.preview("--expect-no-changes");
    });

    it("leaves only its data when it is destroyed, and nothing when those go too", async () => {
      await stack.destroy("--exclude-protected");
      const label = `label=laterbase.stack=${stack.name}`;
      const left = async (kind: string, ...all: string[]) =>
        (await ok("docker", [kind, "ls", ...all, "--filter", label, "--quiet"])).trim();
      expect([await left("container", "--all"), await left("network")]).toEqual(["", ""]);
      expect(await left("volume")).toContain(stack.container(external ? "standby" : "primary"));
      await remove();
      expect(await left("volume")).toBe("");
      if (mac) {
        const roles = "select count(*) from pg_roles where rolname like 'laterbase%'";
        expect(await mac.sql(roles)).toBe("0");
      }
    });
  },
);
