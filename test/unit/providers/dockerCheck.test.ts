import { container } from "../../../scripts/providers/docker/container";
import { network } from "../../../scripts/providers/docker/network";
import { remoteImage } from "../../../scripts/providers/docker/remoteImage";
import type { Props, ResourceKind } from "../../../scripts/providers/protocol/provider";
import { UNKNOWN } from "../../../scripts/providers/protocol/values";
import { inputs } from "../../support/unit/dockerFixtures";

const noEngine = () => {
  throw new Error("a check asks no engine");
};

function failures(kind: ResourceKind, news: Props): string[] {
  const { failures } = kind.check?.(news) ?? { failures: [] };
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

const NOT = "Laterbase's embedded docker provider does not implement this input";

it("accepts everything that Laterbase uses", () => {
  expect(failures(container(noEngine), inputs())).toEqual([]);
});

it.each<[string, Props, string]>([
  ["no image", { image: undefined }, "image: an image is required"],
  ["no name", { name: "" }, "name: a name is required"],
  [
    "a fixed address",
    { networksAdvanced: [{ name: "n", ipv4Address: "10.0.0.2" }] },
    `networksAdvanced.ipv4Address: ${NOT}`,
  ],
  [
    "an SELinux label",
    { volumes: [{ containerPath: "/a", volumeName: "v", selinuxRelabel: "z" }] },
    `volumes.selinuxRelabel: ${NOT}`,
  ],
  [
    "a duration of nonsense",
    { healthcheck: { tests: ["CMD", "true"], interval: "2 seconds" } },
    "healthcheck.interval: must be a duration such as 1m30s",
  ],
  [
    "a restart policy of nonsense",
    { restart: "sometimes" },
    "restart: must be one of no, on-failure, always, unless-stopped",
  ],
  ["an empty word", { command: ["sh", ""] }, "command: values for command may not be empty"],
  [
    "a volume that goes nowhere",
    { volumes: [{ volumeName: "v" }] },
    "volumes: an entry needs a container path or a source container, and not both",
  ],
  [
    "an upload of two contents",
    { uploads: [{ file: "/x", content: "a", source: "b" }] },
    "uploads (/x): only one of 'content', 'contentBase64', or 'source' can be set",
  ],
  [
    "an upload of no content",
    { uploads: [{ file: "/x" }] },
    "uploads (/x): one of 'content', 'contentBase64', or 'source' must be set",
  ],
  [
    "an owner by name",
    { uploads: [{ file: "/x", content: "a", owner: "postgres" }] },
    "uploads (/x): owner must be a numeric user id",
  ],
  [
    "permissions without the zero",
    { uploads: [{ file: "/x", content: "a", permissions: "400" }] },
    "uploads (/x): permissions have the form 0644",
  ],
])("refuses %s", (_name, change, expected) => {
  expect(failures(container(noEngine), { ...inputs(), ...change })).toEqual([expected]);
});

it("never shows an upload's content", () => {
  const uploads = [{ file: "/x", content: "hunter2", source: "b", permissions: "9" }];
  expect(failures(container(noEngine), { ...inputs(), uploads }).join()).not.toContain("hunter2");
});

it("accepts unknown values", () => {
  const uploads = [{ file: "/x", content: UNKNOWN, owner: "postgres" }];
  expect(failures(container(noEngine), { ...inputs(), image: UNKNOWN, uploads })).toEqual([]);
});

it("refuses keys of a build that are not implemented", () => {
  const build = { context: ".", secrets: [{ id: "x" }] };
  expect(failures(remoteImage(noEngine), { name: "a", build })).toEqual([`build.secrets: ${NOT}`]);
});

it("lists only the inputs that it implements", () => {
  expect(network(noEngine).inputs).toEqual(["name", "driver", "internal", "labels"]);
  expect(container(noEngine).inputs).not.toContain("privileged");
  expect(container(noEngine).inputs).not.toContain("dns");
});
