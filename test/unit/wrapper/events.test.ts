import { parseEvent } from "../../../scripts/wrapper/events";

const urn =
  "urn:pulumi:dev::laterbase::laterbase:index:Standby$docker:index/container:Container::standby-container";
const secret = (ciphertext: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext,
});
const parse = (event: object) =>
  parseEvent(JSON.stringify({ sequence: 7, timestamp: 1, ...event }));

it("reads a step: what is done, why, and the resource before and after", () => {
  const state = (external: number) => ({
    type: "docker:index/container:Container",
    urn,
    custom: true,
    id: "c0ffee",
    parent: "urn:parent",
    provider: "urn:provider::id",
    inputs: { ports: [{ external, internal: 5432 }], uploads: secret("[secret]") },
    outputs: { ip: "04da6b54-80e4-46f7-96ec-b56ff0331ba9", logs: null },
  });
  const event = parse({
    resourcePreEvent: {
      planning: true,
      metadata: {
        op: "replace",
        urn,
        type: "docker:index/container:Container",
        old: state(8009),
        new: { ...state(8010), protect: true },
        keys: ["ports"],
        diffs: ["ports"],
        detailedDiff: { "ports[0].external": { diffKind: "update-replace", inputDiff: true } },
        provider: "urn:provider::id",
      },
    },
  });
  expect(event).toEqual({
    kind: "step",
    phase: "begin",
    step: {
      op: "replace",
      urn,
      type: "docker:index/container:Container",
      name: "standby-container",
      keys: ["ports"],
      diffs: ["ports"],
      detailedDiff: { "ports[0].external": { kind: "update-replace", inputDiff: true } },
      old: {
        id: "c0ffee",
        parent: "urn:parent",
        custom: true,
        provider: "urn:provider::id",
        protect: false,
        retainOnDelete: false,
        inputs: { ports: [{ external: 8009, internal: 5432 }], uploads: "[secret]" },
        outputs: { ip: "[not yet known]", logs: null },
      },
      new: {
        id: "c0ffee",
        parent: "urn:parent",
        custom: true,
        provider: "urn:provider::id",
        protect: true,
        retainOnDelete: false,
        inputs: { ports: [{ external: 8010, internal: 5432 }], uploads: "[secret]" },
        outputs: { ip: "[not yet known]", logs: null },
      },
    },
  });
});

it("reads a step without old, new, keys and diffs", () => {
  const metadata = { op: "create", urn, type: "t", old: null, new: null, detailedDiff: null };
  expect(parse({ resOutputsEvent: { metadata } })).toEqual({
    kind: "step",
    phase: "end",
    step: {
      op: "create",
      urn,
      type: "t",
      name: "standby-container",
      keys: [],
      diffs: [],
      detailedDiff: {},
    },
  });
  expect(parse({ resOpFailedEvent: { metadata, status: 1, steps: 1 } })).toMatchObject({
    phase: "failed",
  });
});

it("reads messages without Pulumi's marks of colour, and the summary", () => {
  expect(
    parse({
      diagnosticEvent: {
        prefix: "<{%fg 13%}>warning: <{%reset%}>",
        message: "<{%reset%}>the port is taken<{%reset%}>\n",
        color: "raw",
        severity: "warning",
      },
    }),
  ).toEqual({
    kind: "message",
    severity: "warning",
    text: "the port is taken",
    urn: "",
    ephemeral: false,
  });
  expect(
    parse({ summaryEvent: { durationSeconds: 4, resourceChanges: { same: 49 }, PolicyPacks: {} } }),
  ).toEqual({ kind: "summary", changes: { same: 49 }, seconds: 4 });
});

it("skips other events, and refuses a line that is none", () => {
  expect(parse({ preludeEvent: { config: {} } })).toBeUndefined();
  expect(parse({ cancelEvent: {} })).toBeUndefined();
  expect(() => parseEvent('{"sequence": 7, "resourceP')).toThrow(SyntaxError);
  expect(() => parse({ resourcePreEvent: { metadata: { op: 3 } } })).toThrow("metadata");
});
