import { ok } from "../support/process";
import { SidecarLab } from "../support/sidecarLab";

// From inside each container, with the components' own inputs on a real engine: what it can do is
// what docs/security.md lists. What it does not prove: the real Ofelia and the real Duplicati.
jest.setTimeout(600_000);

const lab = new SidecarLab();

beforeAll(() => lab.open(), 600_000);
afterAll(() => lab.dispose(), 600_000);

const roles = [
  ...["primary", "pooler", "standby", "pgadmin", "duplicati", "agent"],
  ...["scheduler-proxy", "scheduler", "health"],
];
const asked = (role: string) => lab.asked.find(({ container }) => container === role)!;

it("looks into every container of the stack", () => {
  expect(lab.roles().sort()).toEqual([...roles].sort());
});

describe.each(roles)("%s", (role) => {
  it("has no capability in any process, and cannot get one", async () => {
    const { stdout } = await lab.bash(
      role,
      "cat /proc/[0-9]*/status | grep -E '^(Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs):' | sort -u",
    );
    expect(asked(role).capabilities).toBe("none");
    expect(stdout.split("\n").filter(Boolean)).toEqual([
      ...["CapAmb", "CapBnd", "CapEff", "CapPrm"].map((set) => `${set}:\t${"0".repeat(16)}`),
      "NoNewPrivs:\t1",
    ]);
  });

  it("runs as the user that is listed", async () => {
    const { stdout } = await lab.bash(role, "id -u; id -g");
    const images: Record<string, string> = { pgadmin: "5050:0" };
    const [user = "", group = ""] = stdout.trim().split("\n");
    const listed = asked(role).user;
    if (listed === "the image's") expect(`${user}:${group}`).toBe(images[role] ?? "999:999");
    else expect([user, `${user}:${group}`]).toContain(listed);
  });

  it("writes its root file system only if that is listed", async () => {
    // As root: a user without rights proves nothing about the file system.
    const { code, stderr } = await lab.bash(role, "touch /here && rm /here", "0");
    if (asked(role).root === "read-only") expect(stderr).toContain("Read-only file system");
    else expect(code).toBe(0);
  });

  it("has the limits that are listed", async () => {
    const { HostConfig } = await lab.inspect(role);
    const { Memory, MemorySwap, PidsLimit } = HostConfig;
    expect(MemorySwap).toBe(Memory);
    expect(`${Memory! / 2 ** 20} MB, ${PidsLimit}`).toBe(asked(role).limits);
  });

  it("has the mounts and the networks that are listed, and no others", async () => {
    const { Mounts, NetworkSettings } = await lab.inspect(role);
    const mounts = Mounts.filter(({ Type, Name = "" }) => Type === "bind" || Name.length < 64)
      .map(({ Name, Source, RW }) => {
        const from = Name ? Name.replace(`${lab.prefix}-`, "") : Source;
        return `${from}${RW ? "" : " (read-only)"}`;
      })
      .sort();
    const listed = asked(role).mounts;
    expect(mounts).toEqual(listed === "none" ? [] : listed.split(", ").sort());
    const networks = Object.keys(NetworkSettings.Networks);
    const name = asked(role).networks.startsWith("scheduler") ? lab.name("scheduler") : lab.prefix;
    expect(networks).toEqual([name]);
  });

  it("reaches the engine's socket and the proxy only as far as it has to", async () => {
    const find = "find / -xdev -type s -name '*docker*' 2>/dev/null; ls /var/run/docker.sock";
    const socket = (await lab.bash(role, find)).stdout.includes("docker.sock");
    expect(socket).toBe(role === "scheduler-proxy");
    const { NetworkSettings } = await lab.inspect("scheduler-proxy");
    const { IPAddress } = NetworkSettings.Networks[lab.name("scheduler")]!;
    const { code } = await lab.bash(role, `timeout 1 bash -c '</dev/tcp/${IPAddress}/2375'`);
    expect([role, code === 0]).toEqual([role, role.startsWith("scheduler")]);
  });
});

it("the kernel holds a container to its limit of processes", async () => {
  const perl = `
    my @made;
    for (1..200) {
      my $child = fork();
      defined $child or do { print "refused: $!\n"; last };
      $child or do { sleep 30; exit };
      push @made, $child;
    }
    kill 9, @made;
    print scalar(@made) < 64 ? "below\n" : "above\n";`;
  const { stdout } = await lab.bash("pooler", `perl -e '${perl}'`);
  expect(stdout).toBe("refused: Resource temporarily unavailable\nbelow\n");
});

describe("a captured scheduler", () => {
  const cmd = ["laterbase-agent", "dump", "--trigger", "schedule"];
  const job = {
    Cmd: cmd,
    Container: lab.name("agent"),
    User: "postgres",
    AttachStdout: true,
    AttachStderr: true,
  };
  const create = (change: object = {}, role = "agent") =>
    lab.post(`/containers/${lab.name(role)}/exec`, JSON.stringify({ ...job, ...change }));
  const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);

  it("starts its jobs, as PostgreSQL's user", async () => {
    const made = await create();
    expect(statusOf(made)).toBe(201);
    const id = /"Id":"([0-9a-f]{64})"/.exec(made)![1]!;
    const upgrade = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
    const started = await lab.post(`/exec/${id}/start`, "{}", upgrade);
    expect(statusOf(started)).toBe(101);
    // The program runs and finds no server in this agent.
    expect(started).toMatch(/\r\n\r\n[^]*agent/);
    expect(statusOf(await lab.post(`/exec/${id}/start`, "{}", upgrade))).toBe(403);
    const found = await lab.send(`GET /exec/${id}/json HTTP/1.1\r\nHost: docker\r\n\r\n`);
    expect(found).toMatch(/"Running":false,"ExitCode":[1-9]\d*\}$/m);
    expect(found).not.toContain("Pid");
  });

  it.each<[string, object]>([
    ["another command", { Cmd: ["sh", "-c", "id"] }],
    ["a further word", { Cmd: [...cmd, "--all"] }],
    ["root", { User: "root" }],
    ["no user", { User: undefined }],
    ["privileges", { Privileged: true }],
    ["an environment", { Env: ["LD_PRELOAD=/backups/x.so"] }],
    ["a folder", { WorkingDir: "/backups" }],
    ["a terminal", { Tty: true }],
    ["input", { AttachStdin: true }],
    ["another container in the body", { Container: lab.name("primary") }],
    ["an unknown key", { CapAdd: ["ALL"] }],
  ])("does not get %s", async (_what, change) => {
    expect(statusOf(await create(change))).toBe(403);
  });

  it("does not get another container, or another call", async () => {
    for (const role of ["primary", "standby", "duplicati", "pgadmin", "scheduler-proxy"])
      expect(statusOf(await create({ Container: undefined }, role))).toBe(403);
    const host = JSON.stringify({ Image: "x", HostConfig: { Binds: ["/:/host"] } });
    for (const target of ["/containers/create", "/v1.41/containers/create", "/build", "/commit"])
      expect(statusOf(await lab.post(target, host))).toBe(403);
  });

  it("cannot start an exec that another client made", async () => {
    const { stdout } = await lab.bash("scheduler-proxy", "exit 0");
    expect(stdout).toBe("");
    const { ExecIDs } = await lab.inspect("scheduler-proxy");
    for (const id of ExecIDs ?? ["0".repeat(64)]) {
      const answer = await lab.post(
        `/exec/${id}/start`,
        "{}",
        "Connection: Upgrade\r\nUpgrade: tcp\r\n",
      );
      expect(statusOf(answer)).toBe(403);
    }
  });

  it("reaches nothing in the stack's network, where the others reach each other", async () => {
    const { NetworkSettings } = await lab.inspect("agent");
    const { IPAddress } = NetworkSettings.Networks[lab.prefix]!;
    await lab.listen("agent", 4000);
    const reach = `timeout 1 bash -c '</dev/tcp/${IPAddress}/4000'`;
    expect((await lab.bash("duplicati", reach)).code).toBe(0);
    expect((await lab.bash("scheduler", reach)).code).not.toBe(0);
    expect((await lab.bash("scheduler-proxy", reach)).code).not.toBe(0);
  });
});

describe("a captured Duplicati", () => {
  beforeAll(async () => {
    const made = await lab.bash(
      "agent",
      `umask 027; mkdir -p /backups/x/1 && echo dump > /backups/x/1/x.backup &&
       chmod 0640 /backups/x/1/x.backup && echo secret > /backups/x/own && chmod 0600 /backups/x/own`,
    );
    expect(made).toMatchObject({ code: 0 });
  });

  it("reads a dump, and no file that its group may not read", async () => {
    expect(await lab.bash("duplicati", "cat /backups/x/1/x.backup")).toMatchObject({
      code: 0,
      stdout: "dump\n",
    });
    for (const file of ["/backups/x/own", "/etc/shadow"]) {
      const { stderr } = await lab.bash("duplicati", `cat ${file}`);
      expect(stderr).toContain("Permission denied");
    }
    expect((await lab.bash("duplicati", "touch /backups/x/new")).stderr).toContain("Read-only");
  });

  it("opens no file of the host by its handle", async () => {
    // The way out of a container that CAP_DAC_READ_SEARCH gives: inode 2 is the root of ext4, and
    // /etc/hosts is on the host's file system. The kernel numbers the call.
    const perl = `
      my $call = \`uname -m\` =~ /x86_64/ ? 304 : 265;
      open(my $at, "<", "/etc/hosts") or die;
      my $handle = pack("IiII", 8, 1, 2, 0);
      my $fd = syscall($call, fileno($at), $handle, 0);
      print $fd < 0 ? "refused: $!" : "open";`;
    const { stdout } = await lab.bash("duplicati", `perl -e '${perl}'`);
    expect(stdout).toBe("refused: Operation not permitted");
    // As it was before: the call is made, whatever it finds.
    const { Config } = await lab.inspect("duplicati");
    const before = ["--cap-drop=ALL", "--cap-add=DAC_READ_SEARCH", "--entrypoint=perl"];
    const run = ["run", "--rm", ...before, Config.Image, "-e", perl];
    expect(await ok("docker", run)).toMatch(/^(open|refused: Stale file handle)/);
  });
});
