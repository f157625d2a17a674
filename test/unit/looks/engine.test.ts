import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Looks } from "../../../contract/looks";
import {
  archiveRecord,
  otherPassphrase,
  readArchiveRecord,
} from "../../../scripts/steps/look/archives";
import { lookAt } from "../../../scripts/steps/look/looks";
import { noRoom } from "../../../scripts/steps/look/room";

const where = "the local Docker engine";

// An engine that answers has as much time as this machine needs.
const timeout = AbortSignal.timeout.bind(AbortSignal);
const patience = jest.spyOn(AbortSignal, "timeout");
beforeEach(() => patience.mockImplementation(() => new AbortController().signal));
afterAll(() => patience.mockRestore());

describe("room", () => {
  const needs = { images: [650, 850], clones: ["laterbase:standbys[1]"], cloneBytes: 10e9 };

  it("is refused where images and clones need more than is free", () => {
    expect(noRoom(needs, 4e9, where)).toEqual([
      "laterbase:standbys[1] needs room for 2 images (1.5 GB) and a clone of the primary (11 GB) where the local Docker " +
        "engine keeps images and volumes; 4.0 GB are free there. Make room, for example by docker image prune",
    ]);
    expect(noRoom({ ...needs, clones: [] }, 1e9, where)).toEqual([
      "laterbase:dockerHost needs room for 2 images (1.5 GB) where the local Docker engine keeps images and volumes; " +
        "1.0 GB are free there. Make room, for example by docker image prune",
    ]);
  });

  it("is enough, or unknown", () => {
    expect(noRoom(needs, 13e9, where)).toEqual([]);
    expect(noRoom(needs, undefined, where)).toEqual([]);
    expect(noRoom({ ...needs, images: [], cloneBytes: undefined }, 0, where)).toEqual([]);
  });
});

describe("the passphrase of archives", () => {
  const set = (passphrase: string, target = "s3://bucket/folder?key=1") => ({ passphrase, target });
  const monday = new Date("2026-11-23T03:00:00Z");
  const before = archiveRecord(set("old"), undefined, monday);
  const changed = (to: ReturnType<typeof set>, lastUpload?: string, from = before) =>
    otherPassphrase(archiveRecord(to, from, monday), from, lastUpload);
  const uploaded = "2026-11-22T03:00:00Z";

  it("is refused when it changes and archives are there", () => {
    expect(changed(set("new"), uploaded)).toEqual([
      "laterbase:duplicati.passphrase must stay as it was while laterbase:duplicati.target holds archives that only the " +
        "old one opens; set laterbase:duplicati.target to another folder too, or the old passphrase again",
    ]);
    // Without one it is generated, which is another one too. Other keys of the target are no other place.
    expect(changed(set("", "s3://bucket/folder?key=2"), uploaded)).toHaveLength(1);
  });

  it("may change with the target, before the first upload, and stay", () => {
    expect(changed(set("new", "s3://bucket/other"), uploaded)).toEqual([]);
    expect(changed(set("new"))).toEqual([]);
    expect(changed(set("old", "s3://bucket/folder?key=2"), uploaded)).toEqual([]);
    expect(otherPassphrase(before, undefined, uploaded)).toEqual([]);
  });

  it("may change again while nothing was uploaded to a new target", () => {
    const moved = archiveRecord(set("old", "s3://bucket/other"), before, monday);
    expect(changed(set("new", "s3://bucket/other"), uploaded, moved)).toEqual([]);
    const later = "2026-11-24T03:00:00Z";
    expect(changed(set("new", "s3://bucket/other"), later, moved)).toHaveLength(1);
  });

  it("is kept as a hash, and read from what was printed", () => {
    const printed = JSON.stringify({ at: "", unseen: [], archives: before });
    expect(printed).not.toMatch(/old|bucket/);
    expect(readArchiveRecord(printed)).toEqual(before);
    expect([undefined, "", "words", "{}"].map(readArchiveRecord)).toEqual(
      Array.from({ length: 4 }),
    );
  });
});

describe("an engine", () => {
  let server: Server;
  let host: string;
  const asked: string[] = [];
  const answers: Record<string, [number, unknown]> = {
    "GET /containers/json": [200, []],
    "GET /images/json": [200, []],
    "GET /info": [200, { DockerRootDir: "/var/lib/docker" }],
    "GET /distribution/mcuadros/ofelia:0.3.99/json": [404, { message: "manifest unknown" }],
    "GET /distribution/dpage/pgadmin4:9.17/json": [500, { message: "no such host" }],
    "GET /distribution/duplicati/duplicati:2.3.0.4/json": [200, { Descriptor: {} }],
  };
  beforeAll(async () => {
    server = createServer((request, response) => {
      const call = `${request.method} ${decodeURIComponent(request.url ?? "").replace(/\?.*/, "")}`;
      asked.push(call);
      const [status, body] = answers[call] ?? [404, { message: "there is none" }];
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const looks = (change: Partial<Looks["engines"][0]>): Looks => ({
    ...{ file: "Pulumi.dev.yaml", stack: "dev", prefix: "laterbase-dev" },
    engines: [{ host, ports: [], containers: [], images: [], standbys: [], ...change }],
    primary: {
      kind: "managed",
      host,
      version: 17,
      allowFrom: [],
      owner: "laterbase/dev",
      owners: [],
    },
  });
  const image = (name: string, key = "laterbase:dumps") => ({ key, name, megabytes: 310 });

  it("refuses an image that no registry knows, and says which registry did not answer", async () => {
    const images = [
      image("mcuadros/ofelia:0.3.99"),
      image("duplicati/duplicati:2.3.0.4", "laterbase:duplicati"),
      image("dpage/pgadmin4:9.17", "laterbase:pgAdmin"),
    ];
    expect(await lookAt(looks({ images }), undefined)).toEqual({
      refused: [
        `laterbase:dumps needs the image mcuadros/ofelia:0.3.99, which the engine ${host} does not have and whose registry ` +
          "does not know it; give it to that engine by hand (docker load), or check whether its mirror has it",
      ],
      unseen: [
        `The registry of dpage/pgadmin4:9.17 did not answer the engine ${host}, so whether it can be had was not looked at`,
      ],
    });
  });

  it("does not ask a registry for what this `up` builds", async () => {
    asked.length = 0;
    const images = [
      { ...image("laterbase/postgres:17-abc"), base: "debian:trixie-slim" },
      { ...image("laterbase/agent:17-abc"), base: "laterbase/postgres:17-abc" },
    ];
    await lookAt(looks({ images }), undefined);
    expect(asked.filter((call) => call.includes("distribution"))).toEqual([
      "GET /distribution/debian:trixie-slim/json",
    ]);
  });

  it("does not ask a registry again for what the program has found there with its login", async () => {
    asked.length = 0;
    const name = `registry.example.com:5050/p/postgres-17@sha256:${"1".repeat(64)}`;
    const found = await lookAt(looks({ images: [{ ...image(name), pushed: true }] }), undefined);
    expect(found).toEqual({ refused: [], unseen: [] });
    expect(asked.filter((call) => call.includes("distribution"))).toEqual([]);
  });

  it("that does not answer refuses nothing, is said, and is not waited for", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const away = `tcp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    patience.mockImplementation(timeout);
    // It would wait for ever.
    const found = await lookAt(looks({ host: away }), undefined);
    expect(found).toEqual({
      refused: [],
      unseen: [`The engine ${away} did not answer, so nothing was looked at there`],
    });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
});
