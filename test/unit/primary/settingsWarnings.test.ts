import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { settingsWarnings } from "../../../scripts/primary/observe/settingsWarnings";

// What PostgreSQL refuses, a trial shows with real images: extensions/newImage.test.ts.
const name = { project: "laterbase", stack: "dev", file: "Pulumi.dev.yaml" };
const settings = { work_mem: "abc" };
const dead = { dockerHost: "tcp://127.0.0.1:1" };

it.each([
  ["an external primary", { kind: "external", version: 17 }],
  ["a primary without settings", { kind: "managed", version: 17 }],
  ["an engine that does not answer", { kind: "managed", version: 17, settings }],
])("says nothing of %s, and asks no engine that is not there", async (_what, primary) => {
  expect(await settingsWarnings({ ...dead, primary }, name, "image")).toEqual([]);
});

it("says that it could not ask where the engine answers and then refuses, and fails no preview", async () => {
  const engine = createServer((request, response) => {
    const ping = request.url?.endsWith("/_ping");
    response.writeHead(ping ? 200 : 500, { "content-type": "application/json" });
    response.end(ping ? "OK" : '{"message":"no"}');
  });
  await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
  const dockerHost = `tcp://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  const primary = { kind: "managed", version: 17, settings };
  expect(await settingsWarnings({ dockerHost, primary }, name, "image")).toEqual([
    "PostgreSQL could not be asked about laterbase:primary.settings. So 'up' asks it before it stops a server.",
  ]);
  await new Promise((resolve) => engine.close(resolve));
});
