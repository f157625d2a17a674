import type Docker from "dockerode";
import { connect } from "../../../../scripts/engine/connect";
import { strandedAmong } from "../../../../scripts/wrapper/engines/stranded";

jest.mock("../../../../scripts/engine/connect");

const gone = Object.assign(new Error("gone"), { statusCode: 404 });
const containers: Record<string, object> = {
  runs: { State: { Running: true }, NetworkSettings: { Networks: { a: { NetworkID: "old" } } } },
  stopped: {
    State: { Running: false },
    NetworkSettings: { Networks: { a: { NetworkID: "new" } } },
  },
  stranded: {
    State: { Running: false },
    NetworkSettings: { Networks: { a: { NetworkID: "old" } } },
  },
  // Made, and never started.
  made: { State: { Running: false }, NetworkSettings: { Networks: { none: { NetworkID: "" } } } },
};
const answer = (known: object | undefined) => ({
  inspect: () => (known ? Promise.resolve(known) : Promise.reject(gone)),
});

it("finds containers that are stopped and whose network is gone, and no others", async () => {
  jest.mocked(connect).mockReturnValue({
    getContainer: (id: string) => answer(containers[id]),
    getNetwork: (id: string) => answer(id === "new" ? {} : undefined),
  } as unknown as Docker);
  const things = [...Object.keys(containers), "removed"].map((id) => ({
    ...{ kind: "container" as const, urn: id, id, name: `laterbase-dev-${id}`, host: "" },
  }));
  expect(await strandedAmong(things)).toEqual([
    { kind: "container", id: "stranded", name: "laterbase-dev-stranded", host: "" },
  ]);
});
