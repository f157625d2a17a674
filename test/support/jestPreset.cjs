// What all jest projects in package.json share.
// Packages that are ES modules only are translated too, because jest runs CommonJS.
const esModules = [
  ...["execa", "get-stream", "human-signals", "is-network-error", "is-stream", "mimic-fn"],
  ...["npm-run-path", "onetime", "p-retry", "path-key", "signal-exit", "strip-final-newline"],
];

/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  transform: { "^.+\\.[jt]s$": "@swc/jest" },
  transformIgnorePatterns: [`/node_modules/(?!(?:${esModules.join("|")})/)`],
};
