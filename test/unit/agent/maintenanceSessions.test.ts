import type { Context } from "../../../scripts/agent/kit/context";
import { databasesToDump } from "../../../scripts/agent/dump/discovery";
import * as session from "../../../scripts/agent/kit/session";
import type { Login } from "../../../scripts/agent/restore/login";
import { maintenance } from "../../../scripts/agent/restore/server";

jest.mock("../../../scripts/agent/kit/session");

const refused = (code: string) => Object.assign(new Error("no"), { code });

test.each(["3D000", "42501", "55000", "53300"])(
  "databases are found also where the one named postgres refuses the role: %s",
  async (code) => {
    const client = {
      query: (text: string) => ({
        rows: text.includes("datname") ? [{ name: "app", state: null }] : [],
      }),
    };
    jest.mocked(session.withSession).mockImplementation(async (_context, _server, at, work) => {
      if (at.database === "postgres") throw refused(code);
      return work(client as never);
    });
    const config = { stack: "dev", primary: { name: "primary" }, role: { name: "r" } };
    const context = { config: { ...config, dumps: { databases: "*" } } } as unknown as Context;
    const { names } = await databasesToDump(context, "a", new AbortController().signal);
    expect(names).toEqual(["app"]);
  },
);

describe("a restore's session", () => {
  const login = (code: string) => {
    const connect = jest.fn((database: string) =>
      database === "postgres" ? Promise.reject(refused(code)) : Promise.resolve(database),
    );
    return { connect } as unknown as Login;
  };

  test.each(["3D000", "55000"])(
    "is in template1 where postgres cannot be used: %s",
    async (code) => {
      expect(await maintenance(login(code), "app")).toBe("template1");
    },
  );

  it("is refused with the reason otherwise", async () => {
    await expect(maintenance(login("28P01"), "app")).rejects.toThrow(
      "The superuser cannot log in to the primary: no.",
    );
  });
});
