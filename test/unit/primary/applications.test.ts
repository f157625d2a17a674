import { applicationRefusals } from "../../../scripts/primary/applicationRefusals";
import { applicationDrift } from "../../../scripts/primary/observe/applicationDrift";
import type { Observation, ObservedOwner } from "../../../scripts/primary/observe/observation";
import { remains } from "../../../scripts/primary/remains";

const record = { laterbase: 1, owner: "laterbase/dev#1a2b3c4d.2" };
const hex = (name: string) => Buffer.from(name).toString("hex");
const sound = (): ObservedOwner => ({
  role: {
    sound: true,
    verifier: "abc",
    comment: JSON.stringify({ ...record, application: "homelab", verifier: "abc" }),
  },
  owner: "jarvis",
  anybody: false,
});

/** The drift of one role. */
function drift(
  change: (observed: ObservedOwner) => unknown = () => undefined,
  {
    logins = JSON.stringify({ [hex("jarvis")]: "abc" }),
    known = true,
  }: { logins?: string | null; known?: boolean } = {},
): string | undefined {
  const observed = sound();
  change(observed);
  const observation = { applications: { jarvis: observed }, logins } as unknown as Observation;
  const one = { role: "jarvis", database: "homelab" };
  return applicationDrift(one, "laterbase/dev", observation, known ? record : undefined);
}

describe("the drift of a role that owns a database", () => {
  it("is none where everything is as it was left, and before the role was made", () => {
    expect(drift()).toBeUndefined();
    expect(drift((one) => (one.role = null), { logins: null })).toBeUndefined();
    expect(drift((one) => (one.role = null), { logins: '{"half' })).toBeUndefined();
  });

  it.each<[string, (observed: ObservedOwner) => unknown]>([
    ["role jarvis is gone", (one) => (one.role = null)],
    ["role jarvis lost its ownership record", (one) => (one.role!.comment = "of Tom")],
    ["role jarvis has other attributes", (one) => (one.role!.sound = false)],
    ["role jarvis has another password", (one) => (one.role!.verifier = "x")],
    ["database homelab is gone, and 'up' makes an EMPTY one", (one) => (one.owner = null)],
    ["database homelab belongs to tom", (one) => (one.owner = "tom")],
    ["everybody may connect to database homelab", (one) => (one.anybody = true)],
  ])("is: %s", (sentence, change) => {
    expect(drift(change)).toBe(sentence);
  });

  it("is seen in restored data, which hold an older password and its record", () => {
    const logins = JSON.stringify({ [hex("jarvis")]: "newer" });
    expect(drift(undefined, { logins })).toBe("role jarvis has the password of other data");
  });

  it("is seen where the whole server is another one", () => {
    expect(drift((one) => (one.role = null), { logins: null, known: false })).toBe(
      "role jarvis is gone",
    );
  });

  it("is none of a role of another stack, which the step refuses", () => {
    const comment = JSON.stringify({ ...record, owner: "laterbase/prod#0.2" });
    expect(drift((one) => (one.role!.comment = comment))).toBeUndefined();
  });
});

describe("what is refused", () => {
  const named = { role: "jarvis", database: "50% %s", key: "laterbase:applications.jarvis" };

  it("names the key and what to do, and lets no character of a name mean something to format", () => {
    const { applicationOfOthers, databaseOfOthers } = applicationRefusals(named);
    expect(applicationOfOthers).toBe(
      'Role "jarvis" (laterbase:applications.jarvis) is on the primary already and was not made by Laterbase: drop ' +
        "or rename it, or give the application another name.",
    );
    expect(databaseOfOthers).toBe(
      'Database "50%% %%s" (laterbase:applications.jarvis) belongs to role "%1$s", which Laterbase did not make: ' +
        'nothing was changed. ALTER DATABASE "50%% %%s" OWNER TO postgres lets "jarvis" own it; what "%1$s" has in ' +
        'it stays with "%1$s".',
    );
  });

  it("proposes an application for a database whose own name is taken", () => {
    const own = { role: "50%", database: "50%", key: "laterbase:primary.databases" };
    expect(applicationRefusals(own)["applicationOfOthers"]).toBe(
      'Role "50%" (laterbase:primary.databases) is on the primary already and was not made by Laterbase: drop or ' +
        'rename it, or name an application for the database, such as laterbase:applications: { app: { database: "50%" } }.',
    );
  });
});

it("says what remains where the server is out of reach", () => {
  const primary = { stack: "laterbase/dev#1.2", role: "laterbase_dev", host: "p", port: 5432 };
  const application = { role: 'a"b', database: "homelab", key: "laterbase:applications" };
  expect(remains(primary, { application }, "application")).toEqual([
    'The role "a"b" on the primary p:5432 may still log in: ALTER ROLE "a""b" NOLOGIN;',
  ]);
});
