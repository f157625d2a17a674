#!/usr/bin/env node
// Prints what to open and what to try. It reads the state file of stack dev, because the CLI is slow.
import { readFileSync } from "node:fs";

const { checkpoint } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const resources = checkpoint.latest?.resources ?? [];
const outputs =
  resources.find((resource) => resource.type === "pulumi:pulumi:Stack")?.outputs ?? {};
const { primary, standbys = {}, backups } = outputs;
const published = (urn) =>
  resources.find((resource) => resource.urn.endsWith(`::${urn}`))?.outputs.ports ?? [];
if (!primary) process.exit(0);

const database = Array.isArray(primary.databases) ? primary.databases[0] : "postgres";
const psql = ({ host, port }) => `psql -h ${host} -p ${port} -U postgres -d ${database}`;
const lines = [["primary", psql(primary)]];
for (const [name, standby] of Object.entries(standbys)) lines.push([name, psql(standby)]);
// Outputs with a password in them are secret as a whole.
for (const { ip, external } of published("pooler-container")) {
  lines.push(["pooler", psql({ host: ip, port: external })]);
}
for (const { ip, external } of published("pgadmin-container")) {
  lines.push(["pgAdmin", `http://${ip}:${external}`]);
}
if (backups?.dumps) {
  const { schedule, location } = backups.dumps;
  lines.push(["dumps", `${schedule}, in ${location}: npm run laterbase -- list-dumps`]);
}
for (const { ip, external } of published("duplicati-container")) {
  lines.push(["Duplicati", `http://${ip}:${external}`]);
}
// Not the tables of scripts/cli: this program needs no package, so that it starts at once.
const width = Math.max(...lines.map(([name]) => name.length));

const standIns = `Stand-ins of ours run in place of Ofelia and Duplicati, whose images cannot be pulled here.
`;
console.log(`
Laterbase is up. You can open these${lines.length > 1 ? " (standbys follow the primary and are read-only)" : ""}:
${lines.map(([name, line]) => `  ${name.padEnd(width)}  ${line}`).join("\n")}
Passwords, and addresses with them: npm run laterbase -- credentials
${process.env.LATERBASE_STAND_INS && backups?.dumps ? standIns : ""}What next: change Pulumi.dev.yaml and 'npm start' again; 'npm run destroy' takes it down and keeps the data.`);
