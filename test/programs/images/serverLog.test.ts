import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

// What programs take from a server's log. What this does not prove: that the server writes such lines
// (test/integration/imageStreams.test.ts does).
const at = "2026-11-29 00:00:00.000";
const gone = "could not receive data from WAL stream: 000000010000000000000001";
const lines = [
  `${at} UTC [33] walreceiver XX000 FATAL:  ${gone}`,
  `${at} BST [34] client backend 28P01 10.0.0.1 FATAL:  password authentication failed for user "x`,
  `\t${at} UTC [33] walreceiver XX000 FATAL:  ${gone}"`,
  `${at} BST [34] client backend 28P01 10.0.0.1 DETAIL:  Role "x`,
  `\t${at} UTC [33] walreceiver XX000 FATAL:  ${gone}" does not exist.`,
  `${at} +03 [35] client backend 28P01 10.0.0.1 ${gone}`,
  `${at} +03 [36] client backend 42601 10.0.0.1 ERROR:  syntax error at or near "${gone}"`,
  `${at} +03 [37] walsender 28000 10.0.0.1 FATAL:  no pg_hba.conf entry`,
  `${at} UTC [1] startup 00000 LOG:  consistent recovery state reached at 0/3000148`,
  `${at} UTC [1] startup 58P01 FATAL:  another one`,
];
const input = `${lines.join("\n")}\n`;

it("are events of the standby only where a process of the server wrote them", () => {
  const [events] = /^EVENTS='.*'$/m.exec(readFileSync("images/postgres/lib/standby.sh", "utf8"))!;
  const found = execFileSync("bash", ["-c", `${events}\ngrep -E "$EVENTS"`], { input });
  expect(found.toString().trimEnd().split("\n")).toEqual([lines[0], lines.at(-2), lines.at(-1)]);
});

it("are one refused login for each process that refuses one, whatever the client sent", () => {
  const text = readFileSync("images/postgres/lib/common.sh", "utf8");
  const [, program = ""] = /^ {2}exec sed -unE '(.*)' >>"\$RUN\/refused"$/m.exec(text)!;
  const counted = execFileSync("sed", ["-unE", program], { input });
  expect(counted.toString()).toBe("\n\n\n");
});
