import { DuplicatiClient } from "../../../../scripts/agent/duplicati/client";
import { duplicatiJob } from "../../../../scripts/agent/duplicati/job";
import { bodyOf, databaseFor } from "../../../../scripts/agent/duplicati/jobSpec";
import { never, password, StandIn } from "../../../support/unit/duplicatiServer";

// Our client against our stand-in, in this process: what it does not prove is that the real
// Duplicati answers as the stand-in does; that was read in its sources (2.3.0.4).
const standIn = new StandIn();
beforeEach(() => standIn.start());
afterEach(() => standIn.stop());
afterAll(() => standIn.dispose());

const spec = {
  name: "laterbase test",
  target: "s3://bucket/one?aws-secret-access-key=hush&s3-servername=s3.example.com",
  passphrase: "Tr0ub4dor",
  retention: "1W:1D",
};
const make = (changes = {}) =>
  duplicatiJob({ ...spec, ...changes }, standIn.context(), () => undefined, never);
const jobs = () => standIn.store.content.jobs;

describe("the job", () => {
  it("is made once, then changed in place, its history kept", async () => {
    expect(await make()).toEqual({ id: "1", name: "laterbase test", change: "created" });
    const [made] = jobs();
    expect(made).toMatchObject({
      Name: "laterbase test",
      TargetURL: spec.target,
      Sources: ["/backups/"],
      Filters: [{ Order: 0, Include: false, Expression: "/backups/.partial/" }],
      Schedule: null,
    });
    made!.Metadata["LastBackupDate"] = "20261121T030000Z";
    const database = made!.DBPath;

    expect(await make({ passphrase: "another", retention: "U:1D" })).toMatchObject({
      id: "1",
      change: "changed",
    });
    expect(jobs()).toHaveLength(1);
    const [changed] = jobs();
    const settings = Object.fromEntries(changed!.Settings.map(({ Name, Value }) => [Name, Value]));
    expect(settings).toMatchObject({
      passphrase: "another",
      "retention-policy": "U:1D",
      "encryption-module": "aes",
      "--auto-cleanup": "true",
    });
    expect(changed!.Metadata).toEqual({ LastBackupDate: "20261121T030000Z" });
    expect(changed!.DBPath).toBe(database);
    expect(standIn.said).toEqual([
      'the job "laterbase test" was created in Duplicati',
      'the job "laterbase test" was changed in Duplicati',
    ]);
  });

  it("is found whatever its case, and loses a schedule that a person gave it", async () => {
    const [job] = jobs();
    job!.Name = "Laterbase Test";
    job!.Schedule = { Repeat: "1D" };
    expect(await make()).toMatchObject({ id: "1", change: "changed" });
    expect(jobs()).toMatchObject([{ Name: "laterbase test", Schedule: null }]);
  });

  it("has a list of its own for each target: another key is the same target", async () => {
    const present = "/data/Duplicati/ABCDE.sqlite";
    const of = (target: string) => databaseFor(target, present);
    expect(of(spec.target)).toMatch(/^\/data\/Duplicati\/laterbase-[0-9a-f]{12}\.sqlite$/);
    expect(of(spec.target.replace("hush", "other"))).toBe(of(spec.target));
    expect(of(spec.target.replace("/one", "/two"))).not.toBe(of(spec.target));
    expect(of(spec.target.replace("s3.example", "s4.example"))).not.toBe(of(spec.target));
    expect(databaseFor("file:///archive", of(spec.target))).toBe(of("file:///archive"));
    const before = jobs()[0]!.DBPath;
    await make({ target: "file:///elsewhere" });
    expect(jobs()[0]!.DBPath).not.toBe(before);
    await make();
    expect(jobs()[0]!.DBPath).toBe(before);
  });

  it("needs each of its values, and repeats none of them", async () => {
    await expect(make({ passphrase: "" })).rejects.toThrow(
      "duplicati-job needs passphrase as a text in the JSON object on its standard input.",
    );
    await expect(make({ target: 5 })).rejects.toThrow(/^duplicati-job needs target as a text/);
  });

  it("says what Duplicati has against it", async () => {
    await expect(make({ target: "s3://***/x" })).rejects.toThrow(
      "Duplicati answered 400: TargetURL is password placeholder value",
    );
    expect(bodyOf(spec)).not.toHaveProperty("Backup.Metadata");
  });
});

describe("the client", () => {
  const client = (own = password, url = standIn.url) => new DuplicatiClient(url, own, never);

  it("logs in again when its token has run out", async () => {
    await standIn.stop();
    await standIn.start({ tokenSeconds: 0.5 });
    const duplicati = client();
    expect(await duplicati.get("/tasks")).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await duplicati.get("/tasks")).toEqual([]);
  });

  it("names a wrong password, a host name that is not allowed, and a server that does not answer", async () => {
    await expect(client("wrong").get("/tasks")).rejects.toThrow(/refuses the web password/);
    const elsewhere = standIn.url.replace("127.0.0.1", "127.0.0.1.nip.invalid");
    await expect(client(password, elsewhere).get("/tasks")).rejects.toThrow(
      /^Duplicati at http:\/\/127.0.0.1.nip.invalid:\d+ cannot be reached: /,
    );
    const { url } = standIn;
    await standIn.stop();
    await expect(client(password, url).get("/tasks")).rejects.toThrow(
      `Duplicati at ${url} cannot be reached: connect ECONNREFUSED`,
    );
    await standIn.start();
  });

  it("waits for a server that is not up yet, and gives up after the timeout", async () => {
    const { url } = standIn;
    await standIn.stop();
    const said: string[] = [];
    await expect(
      client(password, url).untilItAnswers(0, (progress) => said.push(progress)),
    ).rejects.toThrow(/cannot be reached/);
    const waiting = client(password, url).untilItAnswers(30, (progress) => said.push(progress));
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await standIn.start();
    await waiting;
    expect(said).toEqual(["waiting for Duplicati to answer"]);
  });

  it("stops waiting when its signal is aborted", async () => {
    const stop = new AbortController();
    stop.abort();
    const duplicati = new DuplicatiClient(standIn.url, password, stop.signal);
    await expect(duplicati.get("/tasks")).rejects.toThrow(/abort/i);
  });
});
