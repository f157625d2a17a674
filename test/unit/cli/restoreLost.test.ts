import { lostPrimaryOf, nextUp, restoreLost } from "../../../scripts/cli/commands/restoreLost";
import { Session } from "../../../scripts/cli/session";
import { CliError } from "../../../scripts/cli/terminal/cliError";

jest.mock("../../../scripts/cli/lost/lostRestore", () => ({
  images: () => Promise.reject(new Error("the restore began")),
}));

const lost = { prefix: "laterbase-dev" };

/** What is found of a primary, and what was asked for it. */
async function found(outputs: object | Error, there: boolean) {
  const asked: string[] = [];
  const session = new Session(
    {
      readOutputs: () =>
        outputs instanceof Error ? Promise.reject(outputs) : Promise.resolve(outputs),
      servers: {
        isThere: ({ name }: { name: string }) => {
          asked.push(name);
          return Promise.resolve(there);
        },
      },
      terminal: {},
    } as never,
    { stack: "dev" },
  );
  const find = () => {
    asked.push("the stack file");
    return Promise.resolve(lost as never);
  };
  return [await lostPrimaryOf(session, find), asked];
}

const managed = { primary: { container: "laterbase-dev-primary" } };

it.each([
  ["a stack that is up has its primary", managed, true, undefined, ["laterbase-dev-primary"]],
  ["its container is gone", managed, false, lost, ["laterbase-dev-primary", "the stack file"]],
  ["a stack that is not up has none", new CliError("not up"), false, lost, ["the stack file"]],
  ["an external primary is not ours", { primary: { host: "mac" } }, false, undefined, []],
])("%s", async (_, outputs, there, primary, asked) => {
  expect(await found(outputs, there)).toEqual([primary, asked]);
});

it("what is no sentence for the operator is not taken for a stack that is not up", async () => {
  await expect(found(new TypeError("a fault"), true)).rejects.toThrow("a fault");
});

it.each([
  ["an agent that is there removes nothing meanwhile", true, ["hold-expire", "hold-expire"]],
  ["an agent that is gone is not asked", false, []],
])("%s", async (_, there, expected) => {
  const asked: string[] = [];
  const repositories = [{ number: 1, location: "volume" }];
  const session = {
    stack: "dev",
    terminal: { progress: () => undefined },
    servers: { isThere: () => Promise.resolve(there) },
    stackOutputs: () =>
      Promise.resolve({ backups: { agent: "laterbase-dev-agent", stanza: "main", repositories } }),
    askBackups: (command: string) => Promise.resolve(asked.push(command)),
  };
  await expect(restoreLost(session as never, lost as never, {})).rejects.toThrow("began");
  expect(asked).toEqual(expected);
});

describe("what starts the server on the restored data", () => {
  const container = {
    ...{ urn: "urn:c", type: "docker:index/container:Container" },
    outputs: { name: "laterbase-shop-primary" },
  };
  const next = (resources: object[] | undefined, stack: string) =>
    nextUp(
      {
        stackState: () =>
          resources
            ? Promise.resolve({ state: { deployment: { resources } } } as never)
            : Promise.reject(new CliError("not up")),
      },
      { stack, prefix: `laterbase-${stack}` },
    );

  it("is an adoption where no state has the primary's container", async () => {
    expect(await next(undefined, "shop")).toBe("npm run pulumi -- up --stack shop --adopt");
    expect(await next([], "dev")).toBe("npm start -- --adopt");
  });

  it("is an up that sees the missing container where the state has it", async () => {
    expect(await next([container], "shop")).toBe("npm run pulumi -- up --stack shop --refresh");
    const own = { ...container, outputs: { name: "laterbase-dev-primary" } };
    expect(await next([own], "dev")).toBe("npm start");
  });
});
