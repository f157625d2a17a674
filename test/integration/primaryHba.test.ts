import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hba, Stranger, type StrangerOptions } from "../support/primaryServer";
import { rolePassword, Steps } from "../support/primarySteps";

// pg_hba.conf in every state in which Laterbase may find it. What this does not prove: a Mac's or a Windows
// machine's file system.
jest.setTimeout(600_000);
const block = "# BEGIN laterbase laterbase/test#0a1b2c3d\n";

async function stranger(options: StrangerOptions = {}): Promise<[Stranger, Steps]> {
  const server = await new Stranger(13, options).start();
  const steps = new Steps(server);
  await steps.must("role");
  return [server, steps];
}

const stat = (server: Stranger, format = "%A %u %g %h %F") =>
  server.bash(`stat -c '${format}' "$H"; stat -L -c '${format}' "$H"`);

describe("a file that can be renamed over", () => {
  let server: Stranger;
  let steps: Steps;
  const inode = () => stat(server, "%i");

  beforeAll(async () => void ([server, steps] = await stranger()), 600_000);
  afterAll(() => server.stop(), 600_000);
  beforeEach(() =>
    server.bash(`rm -f "$H"; umask 077; cat >"$H"; pg_ctl -D "$D" reload`, { input: hba }),
  );

  it.each([
    ["with tabs and no newline at its end", hba],
    ["with CRLF", hba.replace(/\n/g, "\r\n")],
    ["of one line", "host all all all scram-sha-256"],
    ["that ends in empty lines", `${hba}\n\n\n`],
    ["with letters beyond ASCII", `# für Lætitia 日本\n${hba}\n`],
  ])("%s is back byte for byte", async (_, content) => {
    await server.writeHba(content);
    await steps.must("hba");
    expect((await server.readHba()).endsWith(content)).toBe(true);
    expect(await server.readHba()).toContain(block);
    await steps.must("hba", "remove");
    expect(await server.readHba()).toBe(content);
  });

  it.each(["0600", "0640", "0644", "0400"])("keeps mode %s", async (mode) => {
    await server.bash(`chmod ${mode} "$H"`);
    const before = await stat(server);
    await steps.must("hba");
    expect(await stat(server)).toBe(before);
    await steps.must("hba", "remove");
    expect(await stat(server)).toBe(before);
  });

  it("is replaced by a rename where that is possible", async () => {
    const before = await inode();
    await steps.must("hba");
    expect(await inode()).not.toBe(before);
  });

  it("keeps a second name for it", async () => {
    await server.bash(`ln "$H" /var/lib/postgresql/second`);
    await steps.must("hba");
    expect(await server.bash("cat /var/lib/postgresql/second")).toContain(block);
    await steps.must("hba", "remove");
    expect(await server.bash("cat /var/lib/postgresql/second; rm /var/lib/postgresql/second")).toBe(
      hba,
    );
  });

  it("keeps the replication role from databases, where it could copy the server", async () => {
    await server.sql("create role other login replication password 'of the other'");
    await server.writeHba("host all all all scram-sha-256\nlocal all all scram-sha-256");
    const identify = (user: string, password: string) =>
      server.bash(
        `PGPASSWORD='${password}' psql -XAtq "host=${server.name} user=${user} dbname=postgres replication=database" -c IDENTIFY_SYSTEM 2>&1 || true`,
      );
    await server.sql("select pg_reload_conf()");
    // A line for every role and database lets in who replicates, too.
    expect(await identify("laterbase_test", rolePassword)).toMatch(/^\d+\|1\|/);
    await steps.must("hba");
    expect(await identify("laterbase_test", rolePassword)).toContain("pg_hba.conf rejects");
    expect(await identify("other", "of the other")).toMatch(/^\d+\|1\|/);
    expect(await steps.must("probe")).toMatch(/^Replication works/);
    await server.sql("drop role other");
  });

  it("is a symbolic link to a link after it, as before", async () => {
    await server.bash(`mkdir -p "/tmp/r e/a"; mv "$H" "/tmp/r e/a/real's hba"
      ln -s "a/real's hba" "/tmp/r e/one"; ln -s "/tmp/r e/one" "$H"`);
    const before = await stat(server);
    await steps.must("hba");
    expect(await stat(server)).toBe(before);
    expect(await server.bash(`cat "/tmp/r e/a/real's hba"; ls -A "/tmp/r e/a"`)).toMatch(
      /^# BEGIN laterbase [^]*the last linereal's hba\n$/,
    );
    await steps.must("hba", "remove");
    expect(await server.bash(`cat "/tmp/r e/a/real's hba"`)).toBe(hba);
    await server.bash(`rm "$H"; mv "/tmp/r e/a/real's hba" "$H"`);
  });

  it("keeps what others wrote around our block and in the meantime", async () => {
    await steps.must("hba");
    const mine = await server.readHba();
    const edited = `# first\r\n${mine.replace("# the last line", "host all all ::/0 scram-sha-256")}\n`;
    await server.writeHba(edited);
    await steps.must("hba", "remove");
    expect(await server.readHba()).toBe(
      `# first\r\n${hba.replace("# the last line", "host all all ::/0 scram-sha-256")}\n`,
    );
  });

  it("loses a block whose lines an editor gave CRLF", async () => {
    await steps.must("hba");
    await server.writeHba((await server.readHba()).replace(/\n/g, "\r\n"));
    await steps.must("hba", "remove");
    expect(await server.readHba()).toBe(hba.replace(/\n/g, "\r\n"));
  });

  it("has the blocks of two stacks, and loses one at a time", async () => {
    const other = new Steps(server, "laterbase/other#99999999");
    await other.must("role");
    await steps.must("hba");
    const one = await server.readHba();
    await other.must("hba");
    await steps.must("hba", "apply");
    await other.must("hba", "remove");
    expect(await server.readHba()).toBe(one);
    await other.must("hba");
    await steps.must("hba", "remove");
    await other.must("role", "remove");
    expect(await server.readHba()).toBe(hba);
  });

  it("is not touched when a line of others in it is wrong", async () => {
    await server.writeHba(`${hba}\nhost all all 1.2.3.4/33 scram-sha-256\n`);
    const before = await stat(server, "%i %Y %y");
    const said = await steps.refused("hba");
    expect(said).toMatch(
      /has a mistake that Laterbase did not make.* line 6: invalid .*nothing was changed/,
    );
    expect(await stat(server, "%i %Y %y")).toBe(before);
    expect(await steps.refused("preflight")).toContain("pg_hba.conf has a mistake in line 6");
  });

  it("is left unchanged when it would be wrong with our block", async () => {
    await steps.must("hba");
    const wrong = (await server.readHba()).replace("# the last line", "nonsense");
    await server.writeHba(wrong);
    expect(await steps.refused("hba", "apply", { allowFrom: ["10.9.0.0/16"] })).toContain(
      "would not work with Laterbase's entry, so it was left unchanged: line",
    );
    expect(await server.readHba()).toBe(wrong);
    await steps.must("hba", "remove");
    expect(await server.readHba()).toBe(hba.replace("# the last line", "nonsense"));
  });

  it("is refused when the end of our block was lost", async () => {
    await steps.must("hba");
    await server.writeHba((await server.readHba()).replace(/# END.*\n/, ""));
    expect(await steps.refused("hba", "remove")).toMatch(
      /has the line "# BEGIN .* but not "# END /,
    );
  });

  it("accepts lines that were written by hand, and leaves them", async () => {
    const lines = steps.values.allowFrom!.map(
      (n) => `host replication laterbase_test ${n} scram-sha-256`,
    );
    await server.writeHba(`${lines.join("\n")}\n${hba}`);
    expect(await steps.must("hba")).toBe(
      "The pg_hba.conf entry is there already, written by hand.",
    );
    expect(await steps.must("hba", "remove")).toBe("pg_hba.conf has no block of Laterbase.");
    expect(await server.readHba()).toBe(`${lines.join("\n")}\n${hba}`);
  });

  it("gets our block before a rule that would overrule lines written by hand", async () => {
    const line = "host replication laterbase_test samenet scram-sha-256";
    await server.writeHba(`host replication all all reject\n${line}\n${hba}`);
    const one = { allowFrom: ["samenet"] };
    expect(await steps.must("hba", "apply", one)).toBe("The pg_hba.conf entry is written.");
    expect((await server.readHba()).startsWith(block)).toBe(true);
    await steps.must("hba", "remove", one);
  });

  it("leaves no large object and no file behind", async () => {
    expect(await server.sql("select count(*) from pg_largeobject_metadata")).toBe("0");
    expect(await server.bash(`ls -A "$D" | grep -i laterbase || :`)).toBe("");
  });
});

describe("a file that cannot be renamed over", () => {
  const servers: Stranger[] = [];
  const folder = mkdtempSync(join(tmpdir(), "lbt-hba-"));
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  }, 600_000);

  it("because it is bind-mounted is written in place", async () => {
    const hbaFile = "/run/conf/pg_hba.conf";
    const file = join(folder, "pg_hba.conf");
    writeFileSync(file, "");
    chmodSync(file, 0o666);
    if (process.getuid?.() === 0) chownSync(file, 999, 999);
    const [server, steps] = await stranger({ hbaFile, docker: ["-v", `${file}:${hbaFile}`] });
    servers.push(server);
    const before = await stat(server, "%i %A %u %g");
    await steps.must("hba");
    expect(await server.readHba()).toBe(`${await ours(server)}${hba}`);
    await steps.must("hba", "remove");
    expect(await server.readHba()).toBe(hba);
    expect(await stat(server, "%i %A %u %g")).toBe(before);
  }, 600_000);

  it("in a folder of root's is written in place, and a file of root's is left with the lines", async () => {
    const hbaFile = "/run/conf/pg_hba.conf";
    const [server, steps] = await stranger({ hbaFile });
    servers.push(server);
    await server.bash("chown 0:0 /run/conf", { user: "root" });
    const before = await stat(server, "%i %A %u %g");
    await steps.must("hba");
    expect(await server.readHba()).toBe(`${await ours(server)}${hba}`);
    expect(await steps.must("hba", "remove")).toBe(
      "Laterbase's block is removed from pg_hba.conf.",
    );
    expect(await stat(server, "%i %A %u %g")).toBe(before);

    await server.bash(`chown 0:999 "$H"; chmod 0640 "$H"`, { user: "root" });
    const said = await steps.refused("hba");
    expect(said).toMatch(
      /cannot be written \(.*\): put these lines at its top and run this again\.\n# BEGIN/,
    );
    const lines = said.split("\n").slice(1).join("\n");
    expect(await server.readHba()).toBe(hba);
    await server.bash(`cat - "$H" >/tmp/new; cat /tmp/new >"$H"`, {
      user: "root",
      input: `${lines}\n`,
    });
    await steps.must("hba");
    expect(await steps.refused("hba", "remove")).toMatch(
      /cannot be written .*: remove the block from/,
    );
    await server.bash(`sed -i '/BEGIN laterbase/,/END laterbase/d' "$H"; chown 0:999 "$H"`, {
      user: "root",
    });
    expect(await steps.must("hba", "remove")).toBe("pg_hba.conf has no block of Laterbase.");
  }, 600_000);
});

async function ours(server: Stranger): Promise<string> {
  const content = await server.readHba();
  return content.slice(0, content.indexOf("# END")) + "# END laterbase laterbase/test#0a1b2c3d\n";
}
