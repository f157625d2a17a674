import { parseConfig } from "../../../components/config";
import { lostPrimary, type LostPrimary } from "../../../scripts/cli/lost/lostPrimary";
import { withOwnStore } from "../../../scripts/cli/lost/lostRestore";
import { readStackConfig } from "../../../scripts/cli/stack/config";
import { connect } from "../../../scripts/engine/connect";
import { runAsRoot } from "../../../scripts/engine/rootScript";

// A primary that is gone with its data, and a repository in the stack's own object store.
jest.mock("../../../scripts/cli/stack/config", () => ({ readStackConfig: jest.fn() }));
jest.mock("../../../scripts/engine/connect", () => ({ connect: jest.fn() }));
jest.mock("../../../scripts/engine/rootScript", () => ({ runAsRoot: jest.fn() }));

const posix = { type: "posix" };
const own = { type: "objectStore" };

/** The primary, where the container of the object store is in this state. */
function lost(
  store: "runs" | "stopped" | "gone",
  repositories = [own],
): Promise<LostPrimary | undefined> {
  const raw = {
    primary: { kind: "managed", version: 17, port: 8008, databases: ["app"] },
    backups: { repositories },
    objectStore: { port: 7070, bucket: "kept" },
  };
  jest.mocked(readStackConfig).mockResolvedValue(parseConfig(raw, "f"));
  const gone = () => Promise.reject(Object.assign(new Error("no such"), { statusCode: 404 }));
  const found = () => Promise.resolve({ State: { Running: store === "runs" } });
  jest.mocked(connect).mockReturnValue({
    getContainer: (name: string) => ({
      inspect: name === "laterbase-dev-object-store" && store !== "gone" ? found : gone,
    }),
  } as never);
  return lostPrimary("dev");
}

const left = (code: number) =>
  jest.mocked(runAsRoot).mockResolvedValue({ code, stdout: "", stderr: "" });

const numbers = ({ settings }: LostPrimary) => settings.repositories.map(({ number }) => number);

it("is restored from a store that runs, by the configuration that is left", async () => {
  left(0);
  const restored = await withOwnStore((await lost("runs"))!, "image");
  expect([numbers(restored), restored.files]).toEqual([[1], undefined]);
  const both = await withOwnStore((await lost("runs", [posix, own]))!, "image");
  expect([numbers(both), both.files]).toEqual([[1, 2], undefined]);
});

it("is restored from the other repository where no configuration is left", async () => {
  left(3);
  const restored = await withOwnStore((await lost("runs", [posix, own]))!, "image");
  expect(numbers(restored)).toEqual([1]);
  expect(restored.files).not.toBe(undefined);
  await expect(withOwnStore((await lost("runs"))!, "image")).rejects.toThrow(
    "The only repository is in the stack's own object store, and the volume laterbase-dev-pgbackrest-conf has no configuration with its keys: bring that volume back first.",
  );
});

it("says what to do about a store that does not run", async () => {
  await expect(lost("stopped")).rejects.toMatchObject({
    exitCode: 4,
    message:
      "The only repository is in the stack's own object store, whose container does not run: 'docker start laterbase-dev-object-store' starts it.",
  });
  await expect(lost("gone")).rejects.toMatchObject({
    exitCode: 4,
    message:
      "The only repository is in the stack's own object store, which is not there: bring its container and its volume back first.",
  });
  expect(numbers((await lost("stopped", [posix, own]))!)).toEqual([1]);
});
