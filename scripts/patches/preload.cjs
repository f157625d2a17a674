// Pulumi.yaml has Node load this file before Pulumi's SDK.
const Module = require("node:module");

// tsx compiles our TypeScript. JavaScript is loaded and found as Node does it, because Node keeps what it has compiled:
// a preview starts a quarter of a second sooner.
const { [".js"]: loadJavaScript } = Module._extensions;
const find = Module._resolveFilename;
require("tsx/cjs");
Module._extensions[".js"] = loadJavaScript;
Module._resolveFilename = find;

require("./unusedParts").skipUnusedParts();
