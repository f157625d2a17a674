import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { EngineLog } from "../../../scripts/providers/protocol/engineLog";
import {
  PartialFailure,
  type Props,
  type ResourceKind,
} from "../../../scripts/providers/protocol/provider";
import { ProviderService } from "../../../scripts/providers/protocol/service";
import { fromStruct, toStruct, UNKNOWN } from "../../../scripts/providers/protocol/values";

const URN = "urn:pulumi:dev::laterbase::a:b:Parent$test:index:Thing::thing";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

function service(kind: Partial<ResourceKind> = {}) {
  const thing: ResourceKind = {
    inputs: ["size", "colour"],
    diff: ({ state }, news) => ({
      changes: state.size !== news.size,
      replaces: ["size"],
      diffs: ["size"],
      deleteBeforeReplace: true,
    }),
    create: (_ctx, inputs) => Promise.resolve({ id: "1", outputs: { ...inputs, key: "k" } }),
    delete: async () => {},
    ...kind,
  };
  const resources = { "test:index:Thing": thing };
  const provider = { name: "test", version: "1.0.0", config: ["host"], resources };
  return new ProviderService(provider, new EngineLog()).methods();
}

function check(news: Props): rpc.CheckRequest {
  const request = new rpc.CheckRequest();
  request.setUrn(URN);
  request.setNews(toStruct(news));
  return request;
}

function create(properties: Props, preview = false): rpc.CreateRequest {
  const request = new rpc.CreateRequest();
  request.setUrn(URN);
  request.setPreview(preview);
  request.setProperties(toStruct(properties));
  return request;
}

it("refuses an input that is not implemented, and names it", () => {
  const failures = service()
    .check(check({ size: 1, weight: 2 }))
    .getFailuresList();
  expect(failures.map((failure) => failure.getReason())).toEqual([
    "weight: Laterbase's embedded test provider does not implement this input",
  ]);
  // The engine prints the value beside a property that is named there.
  expect(failures[0]?.getProperty()).toBe("");
});

it("refuses a configuration key that is not implemented", () => {
  const request = check({ host: "h", certPath: "/x", version: "1.0.0" });
  const failures = service().checkConfig(request).getFailuresList();
  expect(failures.map((failure) => failure.getReason().split(":")[0])).toEqual(["certPath"]);
});

it("refuses a resource type that is not implemented", () => {
  const request = check({});
  request.setUrn("urn:pulumi:dev::laterbase::test:index:Other::x");
  expect(() => service().check(request)).toThrow(
    "does not implement the resource type test:index:Other",
  );
});

it("passes plain values to a kind, and marks its secret outputs", async () => {
  const seen: Props[] = [];
  const kind: Partial<ResourceKind> = {
    secretOutputs: ["key"],
    create: (_ctx, inputs) => {
      seen.push(inputs);
      return Promise.resolve({ id: "1", outputs: { key: "k" } });
    },
  };
  const response = await service(kind).create(create({ size: { ...SECRET, value: 4 } }));
  expect(seen).toEqual([{ size: 4 }]);
  expect(response.getProperties()?.toJavaScript()).toEqual({ key: { ...SECRET, value: "k" } });
});

it("creates nothing in a preview", async () => {
  const never = () => Promise.reject(new Error("created in a preview"));
  const response = await service({ create: never }).create(create({ size: UNKNOWN }, true));
  expect(fromStruct(response.getProperties())).toEqual({ size: UNKNOWN });
});

it("keeps a half-made resource in the state, with the reason", async () => {
  const fail = () => Promise.reject(new PartialFailure("7", { size: 3 }, ["it is ill"]));
  const failure = service({ create: fail }).create(create({ size: 3 }));
  const { message, metadata } = await failure.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: { message: string; metadata: { get(key: string): Buffer[] } }) => error,
  );
  expect(message).toBe("it is ill");
  const details = metadata.get("grpc-status-details-bin")[0]?.toString() ?? "";
  expect(details).toContain("pulumirpc.ErrorResourceInitFailed");
  expect(details).toContain("it is ill");
});

describe("a diff", () => {
  function diff(ignored: string[] = []): rpc.DiffResponse {
    const request = new rpc.DiffRequest();
    request.setUrn(URN);
    request.setOlds(toStruct({ size: 1 }));
    request.setOldInputs(toStruct({ size: 1 }));
    request.setNews(toStruct({ size: 2 }));
    request.setIgnorechangesList(ignored);
    return service().diff(request);
  }

  it("names the replacing keys, also in the detailed diff", () => {
    expect(diff().getChanges()).toBe(rpc.DiffResponse.DiffChanges.DIFF_SOME);
    expect(diff().getReplacesList()).toEqual(["size"]);
    expect(diff().getDeletebeforereplace()).toBe(true);
    const detail = diff().getDetaileddiffMap().get("size");
    expect(detail?.getKind()).toBe(rpc.PropertyDiff.Kind.UPDATE_REPLACE);
  });

  it("is empty when all changes are ignored", () => {
    expect(diff(["size"]).getChanges()).toBe(rpc.DiffResponse.DiffChanges.DIFF_NONE);
    expect(diff(["size"]).getReplacesList()).toEqual([]);
  });
});
