import { type Agent, AgentLab } from "../../support/agentLab";
import { sleep } from "../../support/imageLab";

// An exFAT disk keeps no owners and no modes, takes "App" for "app", and no colon in a name.
describe("dumps on exFAT", () => {
  const lab = new AgentLab(17);
  const odd = 'Show: "one"?';
  const names = ["app", "App", odd];
  const agents: Agent[] = [];

  beforeAll(async () => {
    await lab.open({ standby: false });
    for (const name of names.slice(1)) {
      await lab.primary.sql(`CREATE DATABASE "${name.replace(/"/g, '""')}"`);
    }
    for (const name of names) {
      await lab.primary.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", name);
    }
  }, 600_000);
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.container.remove({ force: true });
  });
  afterAll(() => lab.dispose(), 60_000);

  const config = () => lab.config({ databases: names, path: "/mnt/usb" });

  it("that belongs to the agent's user are complete, whatever the databases' names are", async () => {
    const agent = await lab.agent(config(), { exfat: "uid=999,gid=999,umask=027" });
    agents.push(agent);
    await agent.ready(3);
    const record = await agent.dump();
    expect(record.result).toBe("success");
    const dumps = await agent.list();
    expect(dumps.map(({ database }) => database).sort()).toEqual([...names, ...names].sort());
    for (const { id } of dumps) {
      expect((await agent.ask("verify-dump", "--dump", id)).code).toBe(0);
      await agent.bash(`cd '/backups/${id}' && sha256sum --quiet -c SHA256SUMS`);
    }
    expect(dumps.find(({ database }) => database === odd)?.id).toMatch(
      /^Show%3A %22one%22%3F\/\d{8}T\d{6}Z$/,
    );
    // The two share a folder, and each is found by its own name.
    expect(await agent.bash("ls /backups | grep -ci '^app$'")).toBe("1");
  }, 300_000);

  it("that belongs to root ends `up` with a sentence that names the key", async () => {
    const agent = await lab.agent(config(), { exfat: "uid=0,gid=0,umask=022" });
    agents.push(agent);
    let health = "";
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(300)) {
      health = (await agent.exec("laterbase-health").catch(() => ({ stdout: "" }))).stdout;
      if (health.includes('"failed"')) break;
    }
    const { state, detail } = JSON.parse(health) as Record<string, string>;
    expect([state, detail]).toEqual([
      "failed",
      expect.stringMatching(
        /^laterbase:dumps\.path, "\/mnt\/usb", cannot be used: the agent cannot make a folder there \(EACCES: .*\)\. Let its user 999 write there: where a file system keeps no owners, mount it with uid=999,gid=999\.$/,
      ),
    ]);
    expect(await agent.bash("ls -A /backups")).toBe("");
  }, 120_000);
});
