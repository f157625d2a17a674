import { RestoreContainer } from "../../../scripts/cli/restore/restoreContainer";
import { connect } from "../../../scripts/engine/connect";
import { foundOn } from "../../../scripts/wrapper/engines/found";

jest.mock("../../../scripts/engine/connect", () => ({ connect: jest.fn() }));

it("the container of a restore is found by its labels, as the stack's other containers", async () => {
  const made: { name: string; Labels: Record<string, string> }[] = [];
  const engine = {
    createContainer: (options: (typeof made)[number]) => {
      made.push(options);
      return Promise.reject(new Error("that is enough"));
    },
    listContainers: () =>
      Promise.resolve(
        made.map(({ name, Labels }) => ({
          ...{
            Id: "1",
            Names: [`/${name}`],
            Labels,
            State: "running",
            Status: "Up",
            Mounts: [{ Type: "volume", Name: "laterbase-dev-primary-data" }, { Type: "bind" }],
          },
        })),
      ),
    listNetworks: () => Promise.resolve([]),
    listVolumes: () => Promise.resolve({ Volumes: [] }),
  };
  const name = "laterbase-dev-restore-work";
  const args = { name, stack: "dev", image: "i", network: "n", mounts: [] };
  await expect(RestoreContainer.open(engine as never, args)).rejects.toThrow("enough");
  jest.mocked(connect).mockReturnValue(engine as never);
  expect(await foundOn("", { prefix: "laterbase-dev", stack: "dev" })).toEqual([
    {
      kind: "container",
      id: "1",
      name,
      host: "",
      started: true,
      running: true,
      volumes: ["laterbase-dev-primary-data"],
    },
  ]);
});
