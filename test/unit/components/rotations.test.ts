import * as pulumi from "@pulumi/pulumi";
import { drawnPasswords, generatedPassword } from "../../../components/kit/password";
import { parseConfig } from "../../../components";
import { type Made, named, promiseOf, render } from "../../support/mocks";
import { declared, stackKeys } from "../../support/stackProgram";

// What a number of laterbase:rotations declares. That the server takes the new secret is proved by the integration test
// and the trial of the same name.
jest.setTimeout(60_000);

const passwordsIn = (made: Made[]) =>
  made
    .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
    .map(({ name, opts }) => (opts.protect ? `${name} protected` : name));

describe("a generated password", () => {
  async function drawn(rotation: number | undefined, protect: boolean) {
    let current: pulumi.Output<string> | undefined;
    const made = await render(() => {
      const parent = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
      current = generatedPassword("key", { rotation }, { parent, protect });
    });
    const [secret, value] = [await pulumi.isSecret(current!), await promiseOf(current!)];
    return { passwords: passwordsIn(made), secret, value };
  }

  it.each([
    [undefined, true, ["key protected"], "key"],
    [0, true, ["key protected"], "key"],
    [1, true, ["key protected", "key-1 protected"], "key-1"],
    // The one before can be deleted by the next rotation.
    [2, true, ["key protected", "key-1", "key-2 protected"], "key-2"],
    [7, true, ["key protected", "key-6", "key-7 protected"], "key-7"],
    [0, false, ["key"], "key"],
    [1, false, ["key", "key-1"], "key-1"],
    [2, false, ["key", "key-2"], "key-2"],
  ])(
    "of rotation %j, protected %j, is one more resource",
    async (rotation, protect, passwords, name) => {
      expect(await drawn(rotation, protect)).toEqual({
        ...{ passwords, secret: true, value: `password-of-${name}` },
      });
    },
  );

  it("keeps the first one for what was made with it", async () => {
    let first: pulumi.Output<string> | undefined;
    await render(() => {
      const parent = new pulumi.ComponentResource("laterbase:index:Laterbase", "laterbase");
      ({ first } = drawnPasswords("key", { rotation: 3 }, { parent }));
    });
    expect(await promiseOf(first!)).toBe("password-of-key");
    expect(await pulumi.isSecret(first!)).toBe(true);
  });
});

describe("a stack", () => {
  const all = { superuser: 2, replication: 1, dumps: 1, pooler: 1, pgadmin: 2, duplicati: 1 };

  it("declares nothing else before the first rotation, and only passwords and a delivery after it", async () => {
    const names = (made: Made[]) =>
      made.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    const before = await declared("dev", () => undefined);
    const after = await declared(
      "dev",
      () => undefined,
      (keys) => {
        keys["rotations"] = { ...all, mfi_banking: 1 };
      },
    );
    expect(
      names(after)
        .filter((one) => !names(before).includes(one))
        .sort(),
    ).toEqual(
      [
        "RandomPassword applications-mfi_banking-password-1",
        "RandomPassword duplicati-password-1",
        "RandomPassword pgadmin-password-1",
        "RandomPassword pgadmin-password-2",
        "RandomPassword pooler-admin-1",
        "RandomPassword pooler-stats-1",
        "RandomPassword preparation-dumps-password-1",
        "RandomPassword preparation-password-1",
        "RandomPassword preparation-pgAdmin-password-2",
        "RandomPassword primary-superuser-1",
        "RandomPassword primary-superuser-2",
        "Command standby-replication-password",
      ].sort(),
    );
    expect(names(before).filter((one) => !names(after).includes(one))).toEqual([]);
  });

  it("replaces no server for another password", async () => {
    const before = await declared("dev", () => undefined);
    const after = await declared(
      "dev",
      () => undefined,
      (keys) => {
        keys["rotations"] = { superuser: 1, replication: 1, pooler: 1, mfi_banking: 1 };
      },
    );
    for (const name of ["primary-container", "standby-container", "pooler-container"]) {
      expect(named(after, name).inputs).toEqual(named(before, name).inputs);
    }
  });

  it("gives the new ones to the pooler and the roles in the step that sets the superuser's", async () => {
    const made = await declared(
      "dev",
      () => undefined,
      (keys) => {
        keys["rotations"] = { superuser: 1, pooler: 1, mfi_banking: 1 };
      },
    );
    const { inputs, secrets } = named(made, "primary-login");
    const input = JSON.parse(inputs["stdin"] as string) as Record<string, any>;
    expect(input).toEqual({
      password: "password-of-primary-superuser-1",
      pooler: {
        container: "laterbase-dev-pooler",
        id: "pooler-container-id",
        userlist:
          '"postgres" "password-of-primary-superuser-1"\n' +
          '"laterbase_admin" "password-of-pooler-admin-1"\n' +
          '"laterbase_stats" "password-of-pooler-stats-1"\n' +
          '"mfi_banking" "password-of-applications-mfi_banking-password-1"\n',
        roles: [{ name: "mfi_banking", verifier: expect.stringMatching(/^SCRAM-SHA-256\$4096:/) }],
      },
    });
    expect(secrets).toEqual(["stdin"]);
    const step = named(made, "applications-mfi_banking").inputs["stdin"] as string;
    expect(step).toContain(input["pooler"].roles[0].verifier);
  });

  it("delivers the replication role's password to the running standby before it is waited for", async () => {
    const made = await declared(
      "dev",
      () => undefined,
      (keys) => {
        keys["rotations"] = { replication: 1 };
      },
    );
    const { inputs, secrets, parent, opts } = named(made, "standby-replication-password");
    expect([inputs["create"], inputs["stdin"], secrets, parent, inputs["triggers"]]).toEqual([
      "node --require tsx/cjs scripts/steps/replicationPassword.ts laterbase-dev-standby",
      "laterbase-dev-primary:5432:replication:laterbase_dev:password-of-preparation-password-1\n",
      ["stdin"],
      "standby",
      ["standby-container-id"],
    ]);
    expect([opts.dependsOn].flat()).toHaveLength(2);
    const passfile = (named(made, "standby-container").inputs["uploads"] as any[]).find(
      ({ file }) => file.endsWith("/pgpass"),
    );
    expect(passfile.content).toMatch(/:password-of-preparation-password\n$/);
    const ready = [named(made, "standby-ready").opts.dependsOn].flat();
    expect(ready.map((one: any) => one.__name)).toEqual(["standby-replication-password"]);
  });

  it("does not take a secret of its own for that of a database's owner with the same name", async () => {
    const made = await declared(
      "dev",
      () => undefined,
      (keys) => {
        keys["primary"].databases.push("dumps");
        keys["rotations"] = { dumps: 1 };
      },
    );
    expect(passwordsIn(made).filter((name) => name.endsWith("-1"))).toEqual([
      "preparation-dumps-password-1",
    ]);
  });
});

describe("laterbase:rotations", () => {
  const refusal = (rotations: unknown, more: object = {}) => {
    try {
      parseConfig({ ...stackKeys("dev"), ...more, rotations }, "Pulumi.dev.yaml");
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const number = "must be a whole number from 1 to 9999; `npm run laterbase -- rotate` writes it";

  it.each([
    [
      { superuser: 0 },
      `laterbase:rotations.superuser ${number}; it is 0 (set in Pulumi.dev.yaml).`,
    ],
    [{ pooler: 1.5 }, `laterbase:rotations.pooler ${number}; it is 1.5 (set in Pulumi.dev.yaml).`],
    [
      { pooler: 10000 },
      `laterbase:rotations.pooler ${number}; it is 10000 (set in Pulumi.dev.yaml).`,
    ],
    [
      { superusr: 1 },
      "laterbase:rotations.superusr is for no application of the stack and for no other secret: take it out, or name one of mfi_banking, superuser, replication, dumps, pooler, pgadmin, duplicati, objectStore, health (set in Pulumi.dev.yaml).",
    ],
    [
      [1],
      "laterbase:rotations must be an object such as { superuser: 1 } (set in Pulumi.dev.yaml).",
    ],
    [{ superuser: 1, mfi_banking: 3, objectStore: 9999 }, undefined],
  ])("%j", (rotations, sentence) => expect(refusal(rotations)).toBe(sentence));

  it("refuses an application with the name of another secret", () => {
    expect(refusal({ dumps: 1 }, { applications: { dumps: { database: "mfi_banking" } } })).toBe(
      "laterbase:applications.dumps has the name of another secret, which `npm run laterbase -- rotate dumps` replaces: give the application another name (set in Pulumi.dev.yaml).",
    );
  });
});
