#!/usr/bin/env node
// dockerConfig.mjs <file>: writes Docker's configuration with one login, that of the job at its registry. The login
// is read from the environment, so it is in no argument.
import { writeFileSync } from "node:fs";

const {
  LATERBASE_REGISTRY: registry = "",
  LATERBASE_REGISTRY_USER: user,
  LATERBASE_REGISTRY_PASSWORD: password,
} = process.env;
const [first] = registry.split("/");
// What Docker's own configuration calls Docker Hub.
const host = first === "docker.io" ? "https://index.docker.io/v1/" : first;
const auth = Buffer.from(`${user}:${password}`).toString("base64");
writeFileSync(process.argv[2], JSON.stringify({ auths: { [host]: { auth } } }), { mode: 0o600 });
