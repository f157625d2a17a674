import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { exampleNamed, exampleNames } from "../../../scripts/cli/stack/examples";
import {
  needsPassword,
  networkOf,
  networkToward,
  openValues,
} from "../../../scripts/cli/stack/openValues";

const document = (file: string) => parseDocument(readFileSync(file, "utf8"));

describe("an example", () => {
  it("is found by its folder, with and without the word, and by a stack file", () => {
    expect(exampleNames()).toEqual([
      "examples/config-once",
      "examples/editor",
      "examples/homelab",
      "examples/hot-hot",
      "examples/sav3",
    ]);
    const { file } = exampleNamed("examples/editor");
    expect(file).toBe("examples/editor/Pulumi.editor.yaml");
    expect(exampleNamed("editor/").file).toBe(file);
    expect(exampleNamed("Pulumi.prod.yaml").name).toBe("Pulumi.prod.yaml");
  });

  it.each([["examples/none"], ["examples"], ["docs"]])("is named when %s is none", (wanted) => {
    expect(() => exampleNamed(wanted)).toThrow(
      `There is no example "${wanted}": there are examples/config-once, examples/editor, examples/homelab, examples/hot-hot, examples/sav3.`,
    );
  });
});

describe("what an example leaves open", () => {
  it("is asked of an external primary", () => {
    const editor = document("examples/editor/Pulumi.editor.yaml");
    expect(openValues(editor).map(({ option }) => option)).toEqual([
      ...["host", "port", "major", "superuser", "databases", "allowFrom", "email"],
    ]);
    expect(needsPassword(editor)).toBe(true);
  });

  it("is nothing of a managed one", () => {
    const hotHot = document("examples/hot-hot/Pulumi.hot-hot.yaml");
    expect([openValues(hotHot), needsPassword(hotHot)]).toEqual([[], false]);
  });
});

it.each([
  ["192.168.1.23/24", "192.168.1.0/24"],
  ["10.77.200.9/20", "10.77.192.0/20"],
  ["172.16.0.1/32", "172.16.0.1/32"],
  ["10.0.0.1/8", "10.0.0.0/8"],
  ["fe80::1/64", undefined],
])("the network of %s is %s", (cidr, network) => expect(networkOf(cidr)).toBe(network));

it("a server on this machine is in no network of it", async () => {
  expect(await networkToward("127.0.0.1")).toBeUndefined();
  expect(await networkToward("no.such.host.invalid")).toBeUndefined();
});
