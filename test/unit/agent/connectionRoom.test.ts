import { connectionProblem } from "../../../scripts/agent/dump/connectionRoom";

const room = { database: "app", limit: 3, used: 1, superuser: false };

it.each([
  ["three connections", room],
  ["no limit", { ...room, limit: -1, used: 90 }],
  ["a superuser, whom no limit concerns", { ...room, limit: 0, superuser: true }],
])("lets a dump begin with %s", (_, enough) => {
  expect(connectionProblem(enough)).toBeUndefined();
});

it("names the limit before a dump meets it half-way", () => {
  expect(connectionProblem({ ...room, limit: 2 })).toBe(
    'A dump needs 3 connections to "app", which accepts 2 (in use with its own: 1): raise its CONNECTION LIMIT (ALTER DATABASE).',
  );
  expect(connectionProblem({ ...room, limit: 10, used: 9 })).toContain(
    "accepts 10 (in use with its own: 9)",
  );
});
