import type Docker from "dockerode";
import { connect } from "../../scripts/engine/connect";
import { type Box, Lab, sleep } from "../support/imageLab";

// A server's supervisor reports to the monitor, which may come later. Where there is none, nothing is different.
jest.setTimeout(600_000);

const engine = connect();

/** Prints the first line and the body of each request. */
const listener = `$| = 1;
  my $s = IO::Socket::INET->new(LocalPort => 8081, Listen => 5, ReuseAddr => 1) or die $!;
  while (my $c = $s->accept) {
    my ($first, $n, $body) = (scalar(<$c>), 0, '');
    while (<$c>) { $n = $1 if /^Content-Length: (\\d+)/i; last if /^\\r?\\n$/; }
    read $c, $body, $n;
    print "$first$body\\n";
    print $c "HTTP/1.1 204 No Content\\r\\n\\r\\n";
    close $c;
  }`;

describe("the reports of a server", () => {
  const lab = new Lab(17);
  let primary: Box;
  let monitor: Docker.Container | undefined;

  beforeAll(async () => {
    await lab.open();
    primary = await lab.primary();
    await primary.until("running");
  }, 600_000);
  afterAll(async () => {
    await monitor?.remove({ force: true });
    await lab.dispose();
  }, 600_000);

  const reporters = () =>
    primary.bash("grep -lz report[.]sh /proc/[0-9]*/cmdline 2>/dev/null | wc -l");

  it("go nowhere while the stack has no monitor: no line in the log, and no process that stays", async () => {
    // One attempt, which finds no name.
    await primary.bash("timeout 5 bash /usr/local/lib/laterbase/report.sh primary");
    expect(await reporters()).toBe("0");
    expect(await primary.log()).not.toMatch(/report|health/);
  });

  it("come by themselves when there is one, without a restart", async () => {
    const { Image, Config } = await primary.container.inspect();
    monitor = await engine.createContainer({
      ...{ name: `${lab.name}-health`, Image, Entrypoint: ["perl", "-MIO::Socket::INET", "-e"] },
      ...{ Cmd: [listener], HostConfig: { CapDrop: ["ALL"] } },
      NetworkingConfig: { EndpointsConfig: { [lab.name]: { Aliases: ["health"] } } },
    });
    await monitor.start();
    let got = "";
    for (const end = Date.now() + 25_000; !got.includes("}}") && Date.now() < end; await sleep(500))
      got = (await monitor.logs({ stdout: true, follow: false })).toString("utf8");
    expect(got).toContain(`POST /reports/${Config.Hostname} HTTP/1.1\r\n`);
    expect(JSON.parse(/\{.*\}/.exec(got)![0])).toMatchObject({
      ...{ state: "running", detail: "", refusedLogins: 0, collation: {} },
      disk: { bytes: expect.any(Number), free: expect.any(Number) },
    });
    expect(await primary.log()).not.toMatch(/report/);
  });

  it("are cut off where the monitor takes the connection and hangs, and the server stops at once", async () => {
    await monitor!.pause();
    // Two reports' time, with an attempt that hangs.
    const began = Date.now();
    await primary.bash("timeout -k 1 5 bash /usr/local/lib/laterbase/report.sh primary || true");
    expect(Date.now() - began).toBeLessThan(8000);
    expect((await primary.status()).state).toBe("running");
    const stopping = Date.now();
    expect(await primary.stop()).toBe(0);
    expect(Date.now() - stopping).toBeLessThan(10_000);
    await monitor!.unpause();
  });
});
