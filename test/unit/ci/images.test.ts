import { bom, packageUrl } from "../../../scripts/ci/images/bom";
import { contentTag } from "../../../scripts/ci/images/build";
import { bundled, listed } from "../../../scripts/ci/images/contents";
import { grown } from "../../../scripts/ci/images/growth";
import { labelsOf } from "../../../scripts/ci/images/labels";
import { place } from "../../../scripts/ci/images/place";
import { tagPrefix } from "../../../scripts/ci/images/trust";
import { imagesOf } from "../../../scripts/ci/images/wanted";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

const file = (name: string, config: string) => ({ file: `/p/${name}`, text: `config:\n${config}` });
const dev = file(
  "Pulumi.dev.yaml",
  `  laterbase:primary: { kind: managed, version: 17, superuser: { password: { secure: AAAB } } }
  laterbase:dumps: {}
  laterbase:pooler: { port: 6432 }
  laterbase:images: { registry: registry.example.com/p, tag: "1" }`,
);
const prod = file("Pulumi.prod.yaml", "  laterbase:primary: { kind: external, version: 13 }");
const maps = file(
  "Pulumi.maps.yaml",
  "  laterbase:primary: { version: 17, extensions: [postgis] }\n  laterbase:health:",
);

describe("the images of stack files", () => {
  it("are each one once, and what stands on another comes after it", () => {
    delete process.env["LATERBASE_STAND_INS"];
    const images = imagesOf([dev, prod, maps, dev]);
    expect(images.map(({ name }) => name)).toEqual([
      "pgbouncer",
      "postgres-13",
      "postgres-17",
      "postgres-17.postgis",
      "socket-proxy",
      "agent-17",
      "agent-17.postgis",
    ]);
  });

  it("have those of other makers among them only where stand-ins take their place", () => {
    process.env["LATERBASE_STAND_INS"] = "yes";
    expect(imagesOf([dev]).map(({ name }) => name)).toEqual([
      "duplicati-stand-in",
      "ofelia-stand-in",
      "pgbouncer",
      "postgres-17",
      "socket-proxy",
      "agent-17",
    ]);
  });

  it.each([
    [
      "  laterbase:primary: { version: 12 }",
      "laterbase:primary.version must be PostgreSQL's major version: 13, 14, 15, 16, 17 or 18; it is 12 (set in Pulumi.x.yaml).",
    ],
    [
      "  other:key: 1",
      "laterbase:primary must be an object with the keys of the primary; it is not set (set in Pulumi.x.yaml).",
    ],
    [
      "  laterbase:primary: { version: 17, extensions: [Post;gis] }",
      'laterbase:primary.extensions[0] must be the name of a Debian package after postgresql-<version>-, such as pgvector; it is "Post;gis" (set in Pulumi.x.yaml).',
    ],
  ])("cannot be known of %s", (config, sentence) => {
    expect(() => imagesOf([file("Pulumi.x.yaml", config)])).toThrow(sentence);
  });

  it("have a tag of their content, which is the one that a stack builds them under", () => {
    const [image] = imagesOf([prod]);
    expect(image!.tag).toMatch(/^laterbase\/postgres:13-[0-9a-f]{12}$/);
    const hash = image!.tag.slice("laterbase/postgres:".length);
    expect(contentTag(image!)).toBe(`content-${hash}`);
    expect(contentTag(image!, "mr-")).toBe(`mr-content-${hash}`);
  });
});

describe("the tags of a run", () => {
  const request = { CI_PIPELINE_SOURCE: "merge_request_event" };
  it.each([
    ["a person at a shell", {}, ""],
    ["a protected branch", { CI_PIPELINE_SOURCE: "push", CI_COMMIT_REF_PROTECTED: "true" }, ""],
    ["another branch", { CI_PIPELINE_SOURCE: "push", CI_COMMIT_REF_PROTECTED: "false" }, "mr-"],
    ["a merge request", { ...request, CI_COMMIT_REF_PROTECTED: "false" }, "mr-"],
    ["one between protected branches", { ...request, CI_COMMIT_REF_PROTECTED: "true" }, "mr-"],
    ["a pipeline that says nothing of it", { CI_PIPELINE_SOURCE: "push" }, "mr-"],
    ["a push on GitHub", { GITHUB_EVENT_NAME: "push" }, ""],
    ["a schedule on GitHub", { GITHUB_EVENT_NAME: "schedule" }, ""],
    ["a pull request", { GITHUB_EVENT_NAME: "pull_request" }, "mr-"],
    ["one in its target's name", { GITHUB_EVENT_NAME: "pull_request_target" }, "mr-"],
    ["a run by hand on GitHub", { GITHUB_EVENT_NAME: "workflow_dispatch" }, "mr-"],
  ])("of %s begin with what is known of it", (_, env, prefix) => {
    expect(tagPrefix(env)).toBe(prefix);
  });
});

describe("where images go", () => {
  it("is a tag of its own for what is not reviewed", () => {
    const registry = "registry.example.com/p";
    expect(place(registry, "mr-3f2a9c1", "mr-")).toEqual({ registry, tag: "mr-3f2a9c1" });
    expect(() => place(registry, "3f2a9c1", "mr-")).toThrow(
      'LATERBASE_TAG must begin with mr-, because this pipeline is not one of a protected branch or tag; it is "3f2a9c1".',
    );
  });

  it("is what a stack can name", () => {
    expect(place("localhost:5000/group/project", "3f2a9c1")).toEqual({
      registry: "localhost:5000/group/project",
      tag: "3f2a9c1",
    });
  });

  it.each([
    [
      "https://registry.example.com/p",
      "1",
      /^LATERBASE_REGISTRY must be a registry, .* it is "https:\/\/registry.example.com\/p"\.$/,
    ],
    ["registry.example.com/p", "a b", /^LATERBASE_TAG must be a tag .*; it is "a b"\.$/],
    [undefined, "1", /^LATERBASE_REGISTRY must be a registry, .*; it is ""\.$/],
  ])("is not %s with the tag %s", (registry, tag, sentence) => {
    expect(() => place(registry, tag)).toThrow(sentence);
  });
});

describe("the labels", () => {
  const label = (name: string) => `org.opencontainers.image.${name}`;

  it("say the source that the pipeline knows, the commit, the version and the licence", async () => {
    const labels = await labelsOf({ CI_PROJECT_URL: "https://gitlab.example.com/p" }, "tag");
    expect(labels[label("source")]).toBe("https://gitlab.example.com/p");
    expect(labels[label("revision")]).toMatch(/^[0-9a-f]{40}$/);
    expect(labels[label("version")]).toMatch(/^\d+\.\d+\.\d+/);
    expect(labels[label("licenses")]).toBe("Apache-2.0");
  });

  it("know GitHub's variables, and say no source where nobody does", async () => {
    const github = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "a/b" };
    expect((await labelsOf(github, "tag"))[label("source")]).toBe("https://github.com/a/b");
    expect(await labelsOf({}, "tag")).not.toHaveProperty([label("source")]);
  });
});

describe("growth", () => {
  const image = (name: string, megabytes: number, baseBytes = 100e6) => ({
    name,
    bytes: baseBytes + megabytes * 1e6,
    baseBytes,
  });

  it("of a tenth is let through, whatever the base", () => {
    const made = [image("postgres-17", 550), image("agent-17", 110, 900e6), image("other", 9000)];
    expect(grown(made, { "postgres-17": 500, "agent-17": 100 })).toEqual([]);
  });

  it("of more is one sentence for all", () => {
    const made = [image("postgres-17", 551), image("agent-17", 240)];
    expect(grown(made, { "postgres-17": 500, "agent-17": 100 })).toEqual([
      "Images have grown by more than 10 %: postgres-17 (500 MB to 551 MB), agent-17 (100 MB to 240 MB); make them " +
        "smaller, or write the new sizes into images/sizes.json if this is meant.",
    ]);
  });
});

describe("a bill of materials", () => {
  const text = `suite debian 13
deb libc6 2.41-12+deb13u1 amd64
deb tzdata 2025b-4 all
pypi Flask-Login 0.6.3

`;

  it("has the packages that the image lists", () => {
    expect(listed(text)).toEqual([
      {
        ...{ type: "deb", namespace: "debian", name: "libc6", version: "2.41-12+deb13u1" },
        qualifiers: { arch: "amd64", distro: "debian-13" },
      },
      {
        ...{ type: "deb", namespace: "debian", name: "tzdata", version: "2025b-4" },
        qualifiers: { arch: "all", distro: "debian-13" },
      },
      { type: "pypi", name: "flask-login", version: "0.6.3" },
    ]);
  });

  it("is the same text for the same packages, each once and in order", () => {
    const image = { name: "r/postgres-17", version: "0.1.0", revision: "3f2a9c1" };
    const node = { type: "npm", namespace: "@grpc", name: "grpc-js", version: "1.14.7" } as const;
    const packages = listed(text);
    const made = bom(image, [...packages, { ...node, license: "Apache-2.0" }, ...packages]);
    expect(made).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.5",
      metadata: { component: { type: "container", name: "r/postgres-17", version: "0.1.0" } },
    });
    const { components } = made as { components: { purl: string; licenses?: unknown }[] };
    expect(components.map(({ purl }) => purl)).toEqual([
      "pkg:deb/debian/libc6@2.41-12%2Bdeb13u1?arch=amd64&distro=debian-13",
      "pkg:deb/debian/tzdata@2025b-4?arch=all&distro=debian-13",
      "pkg:npm/%40grpc/grpc-js@1.14.7",
      "pkg:pypi/flask-login@0.6.3",
    ]);
    expect(components[2]!.licenses).toEqual([{ license: { name: "Apache-2.0" } }]);
  });

  it("has what is in a program of ours, which the image cannot list", () => {
    const named = (image: string) => bundled(image).map(({ type, name }) => `${type} ${name}`);
    expect(named("agent-17.postgis")).toEqual(
      expect.arrayContaining(["generic node", "npm pg", "npm fastify", "npm pg-copy-streams"]),
    );
    expect(named("socket-proxy")).toContain("generic node");
    expect(named("socket-proxy")).not.toContain("npm pg");
    expect(named("postgres-17")).toEqual([]);
    const modules = bundled("versitygw");
    expect(modules.length).toBeGreaterThan(50);
    expect(modules[0]).toEqual({
      ...{ type: "golang", namespace: "github.com/versity", name: "versitygw", version: "v1.7.0" },
    });
    const pg = bundled("agent-17").find(({ name }) => name === "pg");
    expect(pg).toEqual({ type: "npm", name: "pg", version: expect.any(String), license: "MIT" });
  });

  it("names modules of Go with their whole path", () => {
    const own = { type: "golang", namespace: "github.com/versity", name: "versitygw" } as const;
    expect(packageUrl({ ...own, version: "v1.7.0" })).toBe(
      "pkg:golang/github.com/versity/versitygw@v1.7.0",
    );
  });
});
