#!/usr/bin/env node
// What to open and what to try, from the outputs in stack dev's own state file: no CLI is started.
import { readFileSync } from "node:fs";

const { checkpoint } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const resources = checkpoint.latest?.resources ?? [];
const outputs =
  resources.find((resource) => resource.type === "pulumi:pulumi:Stack")?.outputs ?? {};
const { primary, standbys = {} } = outputs;
if (!primary) process.exit(0);

const database = Array.isArray(primary.databases) ? primary.databases[0] : "postgres";
const psql = ({ host, port }) => `psql -h ${host} -p ${port} -U postgres -d ${database}`;
const lines = [["primary", psql(primary)]];
for (const [name, standby] of Object.entries(standbys)) lines.push([name, psql(standby)]);
const width = Math.max(...lines.map(([name]) => name.length));

console.log(`
Laterbase is up. Look at it${lines.length > 1 ? " (standbys follow the primary, and are read-only)" : ""}:
${lines.map(([name, line]) => `  ${name.padEnd(width)}  ${line}`).join("\n")}
Addresses with their passwords: npm run pulumi -- stack output connections --show-secrets
What next: change Pulumi.dev.yaml and 'npm start' again; 'npm run destroy' takes it down and keeps the data.`);
