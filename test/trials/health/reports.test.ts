import { HealthLab } from "../../support/healthLab";

const lab = new HealthLab();
const states = { primary: "running", standby: "running" };
let sending: NodeJS.Timeout | undefined;

beforeAll(async () => {
  await lab.open({ near: true });
  await lab.until("the first look", (_, { checks }) => checks.length > 0, 60);
  const send = () => {
    for (const name of ["primary", "standby"] as const)
      void lab.report(lab[name], name, states[name]).catch(() => undefined);
  };
  send();
  sending = setInterval(send, 5000);
}, 600_000);
afterAll(async () => {
  clearInterval(sending);
  await lab.dispose();
}, 60_000);

it("takes a report from the server that it is about, and from no other", async () => {
  expect(await lab.report(lab.standby, "standby", "running")).toBe("HTTP/1.1 204 No Content");
  expect(await lab.report(lab.primary, "standby", "blocked")).toBe("HTTP/1.1 403 Forbidden");
  expect(await lab.report(lab.agent, "primary", "blocked")).toBe("HTTP/1.1 403 Forbidden");
  const checks = await lab.until("reports", (_, { checks: all }) =>
    all.some(({ name }) => name === "disk of primary"),
  );
  expect(checks["disk of primary"]).toMatchObject({
    ...{ status: "good", value: 90 },
    sentence: "900 MB of 1.0 GB are free (90 %).",
  });
}, 60_000);

it("says stalled and blocked within half a minute, with what the supervisor says", async () => {
  states.standby = "stalled";
  let checks = await lab.until("stalled", ({ standby }) => standby!.status === "failed");
  expect(checks["standby"]).toMatchObject({ sentence: "The test says stalled." });
  states.primary = "blocked";
  checks = await lab.until("blocked", ({ primary }) => primary!.status === "failed");
  expect(checks["primary"]).toMatchObject({ sentence: "The test says blocked." });
  Object.assign(states, { primary: "running", standby: "running" });
  await lab.healthy(60);
}, 180_000);

it("says that a supervisor is silent", async () => {
  clearInterval(sending);
  const checks = await lab.until("silence", (all) => "reports of standby" in all, 90);
  expect(checks["reports of standby"]!.status).toBe("unknown");
  expect(checks["standby"]!.status).toBe("good");
}, 120_000);
