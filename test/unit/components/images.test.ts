import { type ConfigError, parseConfig } from "../../../components/config";
import { engineLooks } from "../../../components/stack/engineLooks";
import { imageName } from "../../../components/kit/image";
import { e, standbys } from "../../support/badConfigs";
import type { Made } from "../../support/mocks";
import { declared, images } from "../../support/stackProgram";

const digest = `sha256:${"1".repeat(64)}`;
const registry = "registry.example.com/group/project";
const pushed = (name: string, pinned = true) => ({
  pushed: `${registry}/${name}${pinned ? `@${digest}` : ":3f2a9c1"}`,
  pinned,
});
const ours = (pinned?: boolean) => ({
  ...images,
  postgres: pushed("postgres-17", pinned),
  agent: pushed("agent-17", pinned),
  pooler: pushed("pgbouncer", pinned),
  socketProxy: pushed("socket-proxy", pinned),
});

describe("laterbase:images", () => {
  const parsed = (value: unknown) => parseConfig({ ...e({}), standbys, images: value }, "f").images;
  const errors = (value: unknown) => {
    try {
      return parsed(value);
    } catch (error) {
      return (error as ConfigError).sentences;
    }
  };

  it.each([
    "registry.example.com/group/project",
    "registry.gitlab.com/a/b/c/d",
    "localhost:5000",
    "localhost/a_b/c__d/e.f/g-h--i",
    "nas:5000/project",
    "10.0.0.5:5050/p",
    "ghcr.io/me/laterbase",
  ])("takes the registry %s", (value) => {
    expect(parsed({ registry: value, tag: "latest" })).toEqual({ registry: value, tag: "latest" });
  });

  const place =
    "laterbase:images.registry must be a registry, and the path of a project in it where it has one, without https:// " +
    "and without a tag, such as registry.example.com/group/project";

  it.each([
    ["https://registry.example.com/p"],
    ["registry.example.com/p:1"],
    ["registry.example.com/p/"],
    ["registry.example.com/P"],
    ["registry.example.com/p@sha256:0"],
    // Docker takes the first word for a user of Docker Hub.
    ["group/project"],
    [""],
  ])("refuses the registry %s", (value) => {
    const now = `; it is ${JSON.stringify(value)} (set in f).`;
    expect(errors({ registry: value, tag: "latest" })).toEqual([place + now]);
  });

  // `pulumi config set --path` writes a commit that has digits only as a number.
  it("takes a tag of digits, and refuses what is no tag", () => {
    expect(parsed({ registry, tag: 3216549 })).toEqual({ registry, tag: "3216549" });
    const tag =
      "laterbase:images.tag must be a tag that the pipeline has pushed, such as the commit 3f2a9c1; a tag of digits " +
      "stands in quotes";
    expect(errors({ registry, tag: "a/b" })).toEqual([`${tag}; it is "a/b" (set in f).`]);
    expect(errors({ registry, tag: 1.5 })).toEqual([`${tag}; it is 1.5 (set in f).`]);
    expect(errors({ registry })).toEqual([`${tag}; it is not set (set in f).`]);
  });
});

describe("with images from a registry", () => {
  const imagesOf = (made: Made[]) =>
    made.filter(({ type }) => type === "docker:index/remoteImage:RemoteImage");

  it("nothing is built, and what runs is pinned by its digest", async () => {
    const made = await declared("dev", () => undefined, undefined, { images: ours() });
    const all = imagesOf(made);
    expect(all.filter(({ inputs }) => inputs["build"] !== undefined)).toEqual([]);
    const own = all.filter(({ inputs }) => String(inputs["name"]).startsWith(registry));
    expect(own.map(({ name, inputs }) => [name, inputs["name"], inputs["keepLocally"]])).toEqual([
      ["local-image", `${registry}/postgres-17@${digest}`, true],
      ["pooler-image", `${registry}/pgbouncer@${digest}`, true],
      ["agent-image", `${registry}/agent-17@${digest}`, true],
      ["socket-proxy-image", `${registry}/socket-proxy@${digest}`, true],
    ]);
    expect(own.every(({ opts }) => opts.ignoreChanges === undefined)).toBe(true);
    const primary = made.find(({ name }) => name === "primary-container");
    expect(primary?.inputs["image"]).toBe(`${registry}/postgres-17@${digest}`);
  });

  it("a preview that cannot know a digest leaves the image as the stack has it", async () => {
    const made = await declared("dev", () => undefined, undefined, { images: ours(false) });
    const own = imagesOf(made).filter(({ inputs }) => String(inputs["name"]).startsWith(registry));
    expect(own.map(({ opts }) => opts.ignoreChanges)).toEqual(Array(4).fill(["name"]));
  });

  it("engines pull with the login of Docker's own configuration, where it has one", async () => {
    const providers = async (more: { registry?: string }) => {
      const made = await declared("dev", () => undefined, undefined, { images: ours(), ...more });
      return made.filter(({ type }) => type === "pulumi:providers:docker");
    };
    const [without] = await providers({});
    expect(without?.inputs["registryAuth"]).toBeUndefined();
    const [logged] = await providers({ registry: "registry.example.com" });
    const auth = JSON.stringify([{ address: "registry.example.com" }]);
    expect(logged?.inputs["registryAuth"]).toBe(auth);
  });

  it("the looks know that they are pulled, and that they are ours", () => {
    const config = parseConfig({ ...e({}), standbys }, "f");
    const [look] = engineLooks({ config, images: ours(), folder: "/p" }, "laterbase-dev");
    expect(look!.images).toEqual([
      {
        key: "laterbase:primary.version",
        name: `${registry}/postgres-17@${digest}`,
        pushed: true,
        megabytes: 650,
      },
    ]);
  });
});

it("an image has one name, wherever it comes from", () => {
  expect(imageName(images.postgres)).toBe("laterbase/postgres:17-abc");
  expect(imageName({ pulled: "mcuadros/ofelia:0.3.21" })).toBe("mcuadros/ofelia:0.3.21");
  expect(imageName(pushed("agent-17"))).toBe(`${registry}/agent-17@${digest}`);
});
