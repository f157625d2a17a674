// Which folder may import which. Imports point one way:
//   wrapper → cli, steps, components → primary, pooler, engine, agent → contract
// test/unit/imports.test.ts fails for a forbidden import; `npx depcruise .` shows it by hand.

const inside = (...folders) =>
  `^(${folders.map((one) => (one.endsWith("$") ? one : `${one}/`)).join("|")})`;
const ours = "^(index[.]ts|(components|contract|images|scripts)/)";

/** What each folder may import of ours, besides itself. */
const allowed = {
  contract: [],
  "images/build": [],
  "scripts/patches": [],
  "scripts/standins": [],
  "scripts/socketProxy": ["contract"],
  "scripts/engine": ["contract"],
  "scripts/agent": ["contract"],
  "scripts/pooler": ["contract", "scripts/engine"],
  "scripts/providers": ["contract", "scripts/engine"],
  "scripts/primary": ["contract", "scripts/engine", "scripts/patches"],
  "scripts/registry": ["contract", "images/build", "scripts/engine", "scripts/patches"],
  "scripts/steps": [
    ...["contract", "scripts/engine", "scripts/patches", "scripts/pooler", "scripts/primary"],
  ],
  components: ["contract", "scripts/engine", "scripts/pooler", "scripts/primary"],
  "scripts/cli": [
    ...["components", "contract", "images/build"],
    ...["scripts/engine", "scripts/pooler", "scripts/primary", "scripts/registry"],
  ],
  "scripts/wrapper": [
    ...["components", "contract", "scripts/cli", "scripts/engine"],
    ...["scripts/patches", "scripts/pooler", "scripts/primary"],
  ],
  "scripts/setup": [],
  "scripts/ci": [
    ...["components", "contract", "images/build", "scripts/cli"],
    ...["scripts/engine", "scripts/registry", "scripts/wrapper"],
  ],
  // The former places of two programs, which the states of old stacks name.
  "scripts/[^/]+[.]ts$": ["scripts/steps"],
  "scripts/npm": ["components", "contract", "scripts/ci", "scripts/cli"],
};

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circle-of-files",
      comment: "Files import each other in a circle: move what both need into a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-circle-of-folders",
      comment: "Folders import each other in a circle: move what both need into a third.",
      severity: "error",
      scope: "folder",
      from: {},
      to: { circular: true },
    },
    ...Object.entries(allowed).map(([folder, others]) => ({
      name: `${folder.replace("[^/]+[.]ts$", "*.ts")}-imports-${others.length > 0 ? "no-other" : "nothing"}`,
      comment: `Files in ${folder} may import from: ${others.join(", ") || "nothing of ours"}.`,
      severity: "error",
      from: { path: inside(folder) },
      to: { path: ours, pathNot: inside(folder, ...others) },
    })),
    {
      name: "index-imports-no-other",
      comment:
        "index.ts may import from: components, images/build, scripts/primary, scripts/registry, scripts/setup, scripts/patches.",
      severity: "error",
      from: { path: "^index[.]ts$" },
      to: {
        path: ours,
        pathNot: inside(
          "components",
          "images/build",
          "scripts/primary",
          "scripts/registry",
          "scripts/setup",
          "scripts/patches",
        ),
      },
    },
    {
      name: "program-imports-no-tests",
      comment: "What users run needs nothing of test/ and bench/.",
      severity: "error",
      from: { path: ours },
      to: { path: inside("test", "bench") },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(node_modules|[.]laterbase)/" },
    tsConfig: { fileName: "tsconfig.json" },
    // Imports of types count as well.
    tsPreCompilationDeps: true,
  },
};
