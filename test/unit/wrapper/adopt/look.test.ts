import { lookAtEngines } from "../../../../scripts/wrapper/adopt/look";
import { passphraseIn } from "../../../../scripts/wrapper/adopt/rescue";
import { type FoundThing, foundOn } from "../../../../scripts/wrapper/engines/found";

jest.mock("../../../../scripts/wrapper/engines/found");

const network = { kind: "network", id: "n1", name: "laterbase-dev", host: "" } as const;
const thing = (kind: FoundThing["kind"], name: string): FoundThing => ({
  ...{ kind, id: kind === "volume" ? name : `id of ${name}`, name, host: "" },
});
/** A state of a run that ended before the primary's container was made: it has the network. */
const state = {
  deployment: {
    resources: [
      {
        ...{ urn: "urn:pulumi:dev::laterbase::t::network", type: "docker:index/network:Network" },
        ...{ id: "n1", outputs: { name: "laterbase-dev" } },
      },
    ],
  },
};
const look = (found: FoundThing[], adopt: boolean) => {
  jest.mocked(foundOn).mockResolvedValue(found);
  const names = { project: "laterbase", stack: "dev" };
  return lookAtEngines({ ...names, state, steps: undefined, adopt, runs: true });
};

describe("adoption where the state is not empty", () => {
  const volume = thing("volume", "laterbase-dev-primary-data");

  it("takes up restored data whose primary has no container yet, and removes nothing", async () => {
    expect(await look([network, volume], true)).toMatchObject({ remove: [], adopts: true });
  });

  it.each([
    ["the data volume is missing", [network]],
    ["the primary is there", [network, volume, thing("container", "laterbase-dev-primary")]],
  ])("is refused where %s", async (_, found) => {
    await expect(look(found, true)).rejects.toThrow("There is nothing to adopt");
  });

  it("happens only where somebody asks for it", async () => {
    expect(await look([network, volume], false)).toMatchObject({ adopts: false });
  });
});

it("an empty state is no new one where an engine does not answer, but for a preview", async () => {
  jest.mocked(foundOn).mockRejectedValue(new Error("no answer"));
  const engine = { op: "create", type: "pulumi:providers:docker", new: { inputs: {} } };
  const args = {
    project: "laterbase",
    stack: "prod",
    state: {},
    steps: [engine, engine],
    adopt: false,
  };
  await expect(lookAtEngines({ ...args, runs: true })).rejects.toThrow(
    "Nobody knows whether things of stack prod are there: its state has none, and the local Docker engine did not answer.\n" +
      "Nothing was changed. Run 'npm run pulumi -- up --stack prod' again when Docker answers there.",
  );
  expect(await lookAtEngines({ ...args, runs: false })).toMatchObject({ adopts: false });
  const guessed = { ...args, steps: undefined, runs: true };
  expect(await lookAtEngines(guessed)).toMatchObject({ adopts: false });
  // A state that knows its things has the run itself say what it needs.
  expect(await lookAtEngines({ ...args, state, runs: true })).toMatchObject({ remove: [] });
});

it("a repository's passphrase is read with every character of it", () => {
  const text = "[global]\nrepo1-type=posix\nrepo1-cipher-pass=a=b # c\nrepo12-cipher-pass=other\n";
  expect(passphraseIn(text, 1)).toBe("a=b # c");
  expect([passphraseIn(text, 12), passphraseIn(text, 2)]).toEqual(["other", undefined]);
});
