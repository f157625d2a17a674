import type { Client } from "pg";
import * as retries from "../../../scripts/agent/kit/retry";
import type { Login } from "../../../scripts/agent/restore/login";
import { takeName } from "../../../scripts/agent/restore/takeName";

jest.mock("../../../scripts/agent/kit/retry");

const names = { old: "app", kept: "app_old", fresh: "app_new" };

/** The session breaks while it renames. Afterwards the server has these databases, and says this to each ALTER. */
function take(databases: readonly string[], alter: () => Promise<unknown>) {
  jest.mocked(retries.retry).mockImplementation((work) => work());
  const altered: string[] = [];
  const query = (text: string, values: string[] = []) => {
    if (!text.startsWith("ALTER")) {
      return Promise.resolve({ rowCount: databases.includes(values[0] ?? "") ? 1 : 0 });
    }
    altered.push(text);
    return alter();
  };
  const lost = { query: () => Promise.reject(new Error("the session was lost")) };
  const login = { connect: () => Promise.resolve({ query }) } as unknown as Login;
  return { altered, renamed: takeName(login, lost as unknown as Client, names) };
}

it("opens both databases again after a session that was lost, and knows whether they are renamed", async () => {
  const done = take(["app", "app_old"], () => Promise.resolve());
  expect(await done.renamed).toMatchObject({ problem: null });
  expect(done.altered).toEqual([
    'ALTER DATABASE "app" ALLOW_CONNECTIONS true',
    'ALTER DATABASE "app_old" ALLOW_CONNECTIONS true',
  ]);
  const not = take(["app", "app_new"], () => Promise.resolve());
  await expect(not.renamed).rejects.toThrow(
    '"app" was not replaced, it has its name and accepts connections: the session was lost',
  );
});

it("says which database stays closed, and what opens it", async () => {
  const { renamed } = take(["app"], () => Promise.reject(new Error("lock timeout")));
  await expect(renamed).rejects.toThrow(
    'the session was lost. "app" accepts no connections until a superuser runs ALTER DATABASE "app" ALLOW_CONNECTIONS true: lock timeout',
  );
});
