import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printReport } from "../../../scripts/agent/health/reportClient";

const etc = mkdtempSync(join(tmpdir(), "lbt-report-"));
let server: Server | undefined;
afterEach(() => {
  server?.close();
  rmSync(join(etc, "health-token"), { force: true });
});
afterAll(() => rmSync(etc, { recursive: true }));

async function asked(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const printed: string[] = [];
  const write = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    expect(await printReport(etc, (server.address() as AddressInfo).port)).toBe(0);
  } finally {
    write.mockRestore();
  }
  return printed.join("");
}

it.each([200, 503])("prints the report in one line, whatever its verdict (%i)", async (code) => {
  const printed = await asked((request, answer) => {
    expect([request.url, request.headers.authorization]).toEqual(["/health", undefined]);
    answer.writeHead(code).end('{\n  "status": "x"\n}');
  });
  expect(printed).toBe('{"status":"x"}\n');
});

it("sends the token of the file", async () => {
  writeFileSync(join(etc, "health-token"), "0123456789abcdef\n");
  const printed = await asked((request, answer) => {
    answer.end(JSON.stringify({ got: request.headers.authorization }));
  });
  expect(printed).toBe('{"got":"Bearer 0123456789abcdef"}\n');
});

it("says what else comes, and prints nothing", async () => {
  await expect(asked((_, answer) => answer.writeHead(401).end("{}"))).rejects.toThrow(
    "The monitor answers 401.",
  );
  await expect(printReport(etc, 1)).rejects.toThrow("The monitor does not answer.");
});
