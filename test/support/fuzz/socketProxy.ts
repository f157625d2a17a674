import { createServer } from "node:http";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { proxyServer } from "../../../scripts/socketProxy/server";

// The socket proxy before an engine that must never be asked.
const socketPath = join(mkdtempSync(join(tmpdir(), "lbt-fuzz-")), "engine.sock");
createServer((message) => {
  process.stderr.write(`the engine was asked: ${message.method} ${message.url}\n`);
  process.exit(9);
}).listen(socketPath);
const commands = [{ container: "agent", argv: ["work"], user: "postgres" }];
const rules = { client: "localhost", commands };
proxyServer({ rules, socketPath, requestSeconds: 2 }).listen(Number(process.argv[2]), "127.0.0.1");
