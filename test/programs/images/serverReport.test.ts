import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import type { ServerReport } from "../../../contract/health/report";

/** What a server sends to the monitor, with stand-ins for what is in its container. */

const run = promisify(execFile);
const script = resolve("images/postgres/lib/report.sh");
let folder: string;
let got: { url: string | undefined; body: string }[];
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lbt-report-"));
  got = [];
  server = createServer((request, answer) => {
    void text(request).then((body) => {
      got.push({ url: request.url, body });
      answer.end("ok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  program("df", "printf '1K-blocks Avail\\n2000 500\\n'");
  program("getent", "printf '127.0.0.1 STREAM health\\n127.0.0.1 DGRAM\\n'");
  program("laterbase-health", `printf '%s\\n' '{"state":"running","detail":"é","since":""}'`);
  // 127.0.0.0/8, as the kernel writes it.
  writeFileSync(
    join(folder, "routes"),
    `${head}lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n`,
  );
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}

async function report(): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const own = `source "$1"; REPORT_PORT=${port}; set -euo pipefail; report standby`;
  await run("bash", ["-c", own, "bash", script], {
    env: {
      PATH: `${folder}:/usr/bin:/bin`,
      HOSTNAME: "standby",
      ROUTES: join(folder, "routes"),
      RUN: folder,
      LC_ALL: "C.UTF-8",
    },
  });
}

it("says how the server is, what room it has and how it sorts text", async () => {
  writeFileSync(join(folder, "collation"), '"order":"verified","checked":"2026-11-29"\nnote\n');
  await report();
  expect(got).toEqual([{ url: "/reports/standby", body: expect.any(String) }]);
  expect(JSON.parse(got[0]!.body)).toEqual({
    ...{ state: "running", detail: "é", since: "" },
    collation: { order: "verified", checked: "2026-11-29" },
    disk: { bytes: 2_048_000, free: 512_000 },
  } satisfies ServerReport);
});

it("also says why a server does not work", async () => {
  const blocked = '{"state":"blocked","detail":"another cluster","since":"2026-11-29T10:00:00Z"}';
  program("laterbase-health", `printf '%s\\n' '${blocked}'; exit 1`);
  await report();
  const { state, detail, collation } = JSON.parse(got[0]!.body) as ServerReport;
  expect({ state, detail, collation }).toEqual({
    ...{ state: "blocked", detail: "another cluster", collation: {} },
  });
});

it("says nothing where no name is, where the health check prints nothing, and to another network", async () => {
  program("getent", "exit 2");
  await report();
  program("getent", "printf '127.0.0.1 STREAM health\\n'");
  program("laterbase-health", "exit 1");
  await report();
  program("laterbase-health", `printf '%s\\n' '{"state":"running"}'`);
  // 172.18.0.0/16 alone, and a default route, which leads everywhere.
  const routes = `eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n`;
  writeFileSync(join(folder, "routes"), head + routes);
  await report();
  program("getent", "printf 'fd00::1 STREAM health\\n'");
  await report();
  expect(got).toEqual([]);
});

it("ends in its time where the other end accepts and never answers", async () => {
  server.removeAllListeners("request");
  // It would wait for ever.
  await report();
});
