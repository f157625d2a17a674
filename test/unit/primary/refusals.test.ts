import { notReachedBySsh } from "../../../scripts/primary";
import { refusals } from "../../../scripts/primary/refusals";

it("names an earlier stack of the same name with the command that takes the server over", () => {
  expect(refusals("laterbase/dev#0a0b0c0d", "10.0.0.7:5432")["roleOfEarlier"]).toBe(
    'Role "%1$s" on the primary belongs to %2$s, not to %3$s: it is left alone. If that stack of the same name is ' +
      "gone, 'npm run laterbase -- preflight --take-over %4$s --stack dev' removes what it left there.",
  );
});

it("lets no character of a name mean something to format", () => {
  const { database, roleOfEarlier } = refusals("p%s/a%b#1", "h%1$s:5");
  expect(database).toBe('%2$s names "%1$s", which h%%1$s:5 does not have; it has %3$s.');
  expect(roleOfEarlier).toContain("--stack a%%b'");
});

it("says why a machine is not reached with one full stop", () => {
  const target = { host: "mac.lan", port: 22, user: "admin" };
  expect(notReachedBySsh(target, "All configured authentication methods failed.")).toBe(
    "mac.lan:22 cannot be reached by SSH as admin: All configured authentication methods failed.",
  );
});
