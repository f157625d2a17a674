import type Docker from "dockerode";
import { answering } from "../../../scripts/primary/observe/answering";
import { serviceDrift } from "../../../scripts/primary/observe/serviceDrift";

jest.mock("../../../scripts/primary/observe/answering");
const engine = jest.mocked(answering);

/** An engine that answers about these containers with such a status; 200 is a container that is there. */
function answers(codes: Record<string, number>): void {
  const getContainer = (name: string) => ({
    inspect: () =>
      codes[name] === 200
        ? Promise.resolve({})
        : Promise.reject(Object.assign(new Error("no"), { statusCode: codes[name] ?? 404 })),
  });
  engine.mockResolvedValue({ getContainer } as unknown as Docker);
}

const name = { project: "laterbase", stack: "dev" };
const both = { objectStore: {}, duplicati: {} };

// A volume that is made again has its old name, so Pulumi takes the step that prepares it for done.
it("names each step whose volume may be new", async () => {
  answers({});
  const store = expect.stringMatching(/^the container laterbase-dev-object-store is gone \(seen /);
  expect(await serviceDrift(both, name)).toEqual({
    bucket: store,
    configuration: store,
    owner: expect.stringMatching(/^the container laterbase-dev-duplicati is gone \(seen /),
  });
});

it("is silent about what is there, what is not configured, and what nobody can see", async () => {
  answers({ "laterbase-dev-object-store": 200, "laterbase-dev-duplicati": 500 });
  expect(await serviceDrift(both, name)).toEqual({});
  answers({});
  expect(await serviceDrift({}, name)).toEqual({});
  engine.mockResolvedValue(undefined);
  expect(await serviceDrift(both, name)).toEqual({});
});
