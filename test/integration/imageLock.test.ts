import { rmSync } from "node:fs";
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { serviceImage } from "../../components/kit/serviceImage";
import { lockedImage } from "../../contract/imageLock";
import { imagesIn } from "../../scripts/cli/stack/imageLocks";
import type { ExportedState } from "../../scripts/cli/stack/exportedState";
import { named, render } from "../support/mocks";
import { docker, embeddedPlugins, Trial } from "../support/providersTrial";
import { Registry } from "../support/registry";
import { testStack } from "../support/testStack";

// A real engine that pulls from a registry, which replaces what is under a tag. The resources are those of
// the component; the program around them is not the whole stack.
jest.setTimeout(600_000);

const registry = new Registry(`lbt/pages-${process.pid}`);
const image = (tag: string) => `${registry.name}:${tag}`;
let plugins: string;
let trial: Trial;
let first: string;

/** What the component declares for an image. */
async function declare(tag: string): Promise<void> {
  const made = await render(() => {
    const parent = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
    const stack = { ...testStack({ parent }), stack: "prod" };
    serviceImage(
      { name: "pgadmin", role: "pgadmin", source: { pulled: image(tag) }, stack },
      parent,
    );
  });
  const lock = named(made, "pgadmin-image-lock").inputs;
  const folder = resolve(__dirname, "../..");
  trial.declare({
    pulled: { type: "docker.RemoteImage", inputs: named(made, "pgadmin-image").inputs },
    "pgadmin-image-lock": {
      type: "command.local.Command",
      inputs: {
        ...lock,
        create: (lock["create"] as string).replace("scripts/", `${folder}/scripts/`),
        environment: { ...lock["environment"], LATERBASE_IMAGE_ID: "${pulled.imageId}" },
      },
    },
  });
}

const recorded = async () => imagesIn(JSON.parse(await trial.state()) as ExportedState)[0]!;
const refused = (now: string) =>
  `The image ${image("1.0")} of pgadmin is now ${now}, and not ${first}, which was pulled first`;

beforeAll(async () => {
  plugins = embeddedPlugins();
  trial = new Trial(plugins);
  await trial.init();
  await registry.start();
  first = await registry.publish("1.0", "one");
  await declare("1.0");
}, 600_000);

afterAll(async () => {
  const { name } = registry;
  await trial.end();
  await registry.stop();
  rmSync(plugins, { recursive: true });
  for (const id of new Set(docker("images", "-q", name).split("\n").filter(Boolean))) {
    docker("rmi", "-f", id);
  }
}, 600_000);

it("records what is pulled first, and a container can be created from exactly that", async () => {
  expect((await trial.up()).code).toBe(0);
  expect(await recorded()).toMatchObject({ role: "pgadmin", image: image("1.0"), content: first });
  const { reference } = lockedImage(`${image("1.0")}@${first}`);
  docker("rm", docker("create", reference));
});

it("pulls nothing again, although the registry has something else under the tag now", async () => {
  await registry.publish("1.0", "two");
  const { asked } = registry;
  expect(await trial.preview()).toEqual({});
  expect((await trial.up()).code).toBe(0);
  expect(await recorded()).toMatchObject({ content: first });
  expect(registry.asked).toBe(asked);
});

it("refuses the other content when the image was lost and pulled again, each time", async () => {
  const second = await registry.publish("1.0", "two");
  docker("rmi", image("1.0"));
  for (const args of [["--refresh"], []]) {
    const { code, text } = await trial.up(...args);
    expect(code).not.toBe(0);
    expect(text).toContain(refused(second));
    expect(text).toContain("npm run laterbase -- accept-image pgadmin --stack prod");
    expect(await recorded()).toMatchObject({ content: first });
  }
});

it("takes it after accept-image, which changes the state alone, and preview shows that", async () => {
  const { urn } = await recorded();
  // What `accept-image` runs.
  await trial.ok("state", "taint", urn, "--yes");
  expect(await trial.preview()).toEqual({ "pgadmin-image-lock": "replace" });
  expect((await trial.up()).code).toBe(0);
  const { content } = await recorded();
  expect(content).not.toBe(first);
  expect(docker("inspect", "-f", "{{.RepoDigests}}", image("1.0"))).toContain(content);
  expect(await trial.preview("--refresh")).toEqual({});
});

it("records another tag as an ordinary update", async () => {
  const third = await registry.publish("1.1", "three");
  await declare("1.1");
  expect(await trial.preview()).toEqual({ pulled: "replace", "pgadmin-image-lock": "update" });
  expect((await trial.up()).code).toBe(0);
  expect(await recorded()).toMatchObject({ image: image("1.1"), content: third });
});
