import * as pulumi from "@pulumi/pulumi";
import { ObjectStore } from "../../../components/objectStore/objectStore";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { testStack } from "../../support/testStack";

/** An object store in a stack dev. It proves what is asked for, not what Docker makes of it. */
async function stack(
  place: { bindAddress?: string; host?: string } = {},
  config = { port: 7071, bucket: "homelab-backups" },
  drift?: string,
): Promise<[Made[], ObjectStore]> {
  let store: ObjectStore | undefined;
  const made = await render(() => {
    const image = "laterbase/versitygw:1.7.0-abc";
    const own = { stack: testStack(place), config, image, drift };
    store = new ObjectStore("object-store", own);
  });
  return [made.filter(({ name }) => name.startsWith("object-store")), store!];
}

it("is a server with its keys, its certificate, its volume and its bucket", async () => {
  const [made] = await stack();
  expect(made.map(({ type, name }) => [type.split(":").at(-1), name])).toEqual([
    ["ObjectStore", "object-store"],
    ["Command", "object-store-authority"],
    ["RandomPassword", "object-store-access-key"],
    ["RandomPassword", "object-store-secret-key"],
    ["Command", "object-store-certificate"],
    ["Volume", "object-store-data"],
    ["Command", "object-store-bucket"],
    ["Container", "object-store-container"],
    ["Command", "object-store-ready"],
  ]);
});

it("keeps its objects, its keys and its authority when the stack is destroyed", async () => {
  const [made] = await stack();
  const kept = made.filter(({ opts }) => opts.protect).map(({ name }) => name);
  expect(kept).toEqual([
    "object-store-authority",
    "object-store-access-key",
    "object-store-secret-key",
    "object-store-data",
  ]);
  const { inputs, opts } = named(made, "object-store-data");
  expect(inputs["name"]).toBe("laterbase-dev-object-store-data");
  expect(opts.retainOnDelete).toBe(true);
});

it("never makes another authority", async () => {
  const { inputs, opts } = named((await stack())[0], "object-store-authority");
  expect(Object.keys(inputs).filter((key) => !opts.ignoreChanges!.includes(key))).toEqual([]);
  expect(inputs["triggers"]).toBeUndefined();
});

it("prints no key, and holds each one as a secret", async () => {
  const [made, store] = await stack();
  for (const name of ["object-store-authority", "object-store-certificate"]) {
    const { inputs, opts, secrets } = named(made, name);
    expect(inputs["logging"]).toBe("none");
    expect(opts.additionalSecretOutputs).toEqual(["stdout"]);
    if (name.endsWith("certificate")) expect(secrets).toContain("stdin");
  }
  const { inputs, secrets } = named(made, "object-store-container");
  expect(secrets).toContain("uploads");
  const rest = JSON.stringify({ ...inputs, uploads: undefined });
  expect(rest).not.toMatch(/password-of|key-of/);
  expect(await pulumi.isSecret(store.access.accessKey)).toBe(true);
  expect(await pulumi.isSecret(store.access.secretKey)).toBe(true);
  expect(await pulumi.isSecret(store.access.ca)).toBe(false);
});

it("gives its keys and its certificate to its own user only, and the rest to every one", async () => {
  const { inputs } = named((await stack())[0], "object-store-container");
  const uploads = inputs["uploads"] as { file: string; permissions: string; content: string }[];
  expect(uploads.map(({ file, permissions }) => [file, permissions])).toEqual([
    ["/etc/laterbase/start", "0555"],
    ["/usr/local/bin/laterbase-health", "0555"],
    ["/etc/laterbase/certificate.pem", "0444"],
    ["/etc/laterbase/authority.pem", "0444"],
    ["/etc/laterbase/certificate.key", "0400"],
    ["/etc/laterbase/access-key", "0400"],
    ["/etc/laterbase/secret-key", "0400"],
  ]);
  expect(uploads.slice(2).map(({ content }) => content)).toEqual([
    "certificate-of-object-store-certificate",
    "certificate-of-object-store-authority",
    "key-of-object-store-certificate",
    "password-of-object-store-access-key",
    "password-of-object-store-secret-key",
  ]);
});

it("listens at the same place in the network, whatever port is published", async () => {
  const [made, store] = await stack({ bindAddress: "192.168.1.5" });
  expect(named(made, "object-store-container").inputs).toMatchObject({
    name: "laterbase-dev-object-store",
    user: "999:999",
    image: "laterbase/versitygw:1.7.0-abc",
    capabilities: { drops: ["ALL"] },
    ports: [{ internal: 7070, external: 7071, ip: "192.168.1.5" }],
    volumes: [{ volumeName: "laterbase-dev-object-store-data", containerPath: "/data" }],
  });
  const { accessKey, secretKey, ca, ...access } = store.access;
  expect(access).toEqual({
    host: "laterbase-dev-object-store",
    port: 7070,
    bucket: "homelab-backups",
    region: "us-east-1",
  });
  expect([await promiseOf(accessKey), await promiseOf(secretKey), await promiseOf(ca)]).toEqual([
    "password-of-object-store-access-key",
    "password-of-object-store-secret-key",
    "certificate-of-object-store-authority",
  ]);
});

const ours = ["laterbase-dev-object-store", "object-store", "localhost", "127.0.0.1"];
it.each([
  [{}, []],
  [{ bindAddress: "192.168.1.5" }, ["192.168.1.5"]],
  [{ bindAddress: "fd00::7" }, ["fd00::7"]],
  [{ bindAddress: "0.0.0.0" }, []],
  [{ bindAddress: "0.0.0.0", host: "ssh://media@nas.local" }, ["nas.local"]],
  [{ bindAddress: "0.0.0.0", host: "ssh://media@[fd00::9]:22" }, ["fd00::9"]],
])("has a certificate for %j", async (place, more) => {
  const { inputs } = named((await stack(place))[0], "object-store-certificate");
  expect(JSON.parse(inputs["stdin"] as string)).toEqual({
    authority: {
      certificate: "certificate-of-object-store-authority",
      key: "key-of-object-store-authority",
    },
    hosts: [...ours, ...more],
  });
});

it("makes another bucket by an update of the step, without another container", async () => {
  const [one] = await stack();
  const [other] = await stack({}, { port: 7071, bucket: "second" });
  const bucket = (made: Made[]) => named(made, "object-store-bucket").inputs;
  expect(JSON.parse(bucket(other)["stdin"] as string)).toEqual({
    image: "laterbase/postgres:17-abc",
    user: "999",
    bucket: "second",
  });
  expect(bucket(other)["update"]).toBe(bucket(one)["create"]);
  expect(bucket(other)["triggers"]).toEqual(bucket(one)["triggers"]);
  expect(named(other, "object-store-container").inputs).toEqual(
    named(one, "object-store-container").inputs,
  );
});

it("makes the bucket again where the container is gone, because its volume may be new", async () => {
  const bucket = async (drift?: string) =>
    named((await stack({}, undefined, drift))[0], "object-store-bucket");
  const gone = await bucket("its container is gone");
  expect(gone.inputs["environment"]).toEqual({
    LATERBASE_ENGINE: "",
    LATERBASE_DRIFT: "its container is gone",
  });
  expect(gone.opts.ignoreChanges).toEqual([]);
  const there = await bucket();
  expect(there.inputs["environment"]).toEqual({ LATERBASE_ENGINE: "" });
  expect(there.opts.ignoreChanges).toEqual(["environment.LATERBASE_DRIFT"]);
});

it("is made with its bucket in place, and is there when it answers", async () => {
  const [made] = await stack();
  const after = (name: string) =>
    ([named(made, name).opts.dependsOn ?? []].flat() as any[]).map((one) => one.__name as string);
  expect(after("object-store-container")).toEqual(["object-store-bucket"]);
  expect(named(made, "object-store-ready").inputs["create"]).toContain(
    "scripts/steps/ready.ts laterbase-dev-object-store",
  );
});
