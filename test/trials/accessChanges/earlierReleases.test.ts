import { hbaBlock, hbaRules } from "../../../scripts/primary";
import { OldProgram, oldCommit } from "../../support/oldProgram";
import { doAll, ok } from "../../support/process";
import { PreparedServer } from "../../support/preparedServer";
import { superuserPassword } from "../../support/primaryServer";
import { Stack } from "../../support/stack";

jest.setTimeout(900_000);

// Stacks whose steps an earlier release made over SSH, as resources of another type. `up` deletes those after
// it has made their successors: their inverses must undo nothing, whichever way the successors go.
const lastWithTwoTypes = "c902a81";
const cases = [
  { commit: oldCommit, to: "ssh", subnet: "10.213.33", port: 18300 },
  { commit: lastWithTwoTypes, to: "sql", subnet: "10.213.35", port: 18301 },
] as const;

describe.each(cases)(
  "a stack that commit $commit made over SSH, then by $to",
  ({ commit, to, subnet, port }) => {
    const old = new OldProgram();
    const stack = new Stack(`t-access-${to}`);
    const role = `laterbase_t_access_${to}`;
    const server = new PreparedServer(
      17,
      subnet,
      `${subnet.slice(0, -1)}${Number(subnet.at(-1)) + 1}`,
    );
    let before: Record<string, string>;

    const configure = (kind: "sql" | "ssh") =>
      stack.configure(
        {
          primary: {
            kind: "external",
            host: `${subnet}.1`,
            version: 17,
            superuser: { name: server.superuser },
            databases: ["postgres"],
            access:
              kind === "sql"
                ? { kind }
                : {
                    kind,
                    user: "admin",
                    port: server.ssh.port,
                    hostKey: server.ssh.hostKey.trim(),
                  },
            allowFrom: [`${subnet}.0/24`],
            slotRetention: "512MB",
          },
          standbys: [{ name: "standby", port }],
        },
        {
          "primary.superuser.password": superuserPassword,
          ...(kind === "ssh" ? { "primary.access.privateKey": server.ssh.privateKey } : {}),
        },
      );

    const clone = () =>
      ok("docker", [
        ...["exec", stack.container("standby"), "stat", "-c", "%i"],
        "/var/lib/postgresql/standby/data/PG_VERSION",
      ]);

    beforeAll(async () => {
      await old.checkOut(commit);
      await server.start();
      before = await server.snapshot();
      await configure("ssh");
      stack.use(old.folder);
      await stack.up();
      stack.use();
    });

    afterAll(async () => {
      await doAll(
        () => stack.remove(),
        () => server.stop(),
        () => old.remove(),
      );
    });

    it("keeps role, slot, limit and clone, and has nothing to do afterwards", async () => {
      const prepared = await server.facts(role);
      const same = await clone();
      await configure(to);
      await stack.up();
      const { owner, block, ...facts } = await server.facts(role);
      expect(owner).toBe(`${prepared.owner}.2`);
      expect(block).toBe(hbaBlock(owner, hbaRules(role, [`${subnet}.0/24`]), role));
      expect(facts).toEqual({
        roles: [role],
        slots: ["laterbase_standby_slot"],
        recorded: ["laterbase_standby_slot"],
        limit: 512,
        rest: server.originalHba,
      });
      expect(await server.sql("select count(*) from pg_replication_slots where active")).toBe("1");
      expect(await clone()).toBe(same);
      await stack.preview("--expect-no-changes");
    });

    it("leaves the server as it was", async () => {
      await stack.destroy("--exclude-protected");
      expect(await server.snapshot()).toEqual(before);
    });
  },
);
