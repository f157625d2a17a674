#!/usr/bin/env node
// Starts the provider beside this file with V8's code cache of the last run, which takes a third of the
// start-up time. V8 rejects the cache of another version; then it is written again. V8 does not notice
// another source of the same length, so the file name contains a hash, which build.mjs fills in.
/* global __dirname, process, setTimeout */
"use strict";
const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

const filename = join(__dirname, "provider.js");
const cache = join(__dirname, "provider-HASH.cache");

const script = new Script(readFileSync(filename, "utf8"), { filename, cachedData: compiled() });
script.runInThisContext()(require, module, exports, filename, __dirname);
if (script.cachedDataRejected !== false) setTimeout(keep, 500).unref();

function compiled() {
  try {
    return readFileSync(cache);
  } catch {
    return undefined;
  }
}

function keep() {
  try {
    writeFileSync(`${cache}.${process.pid}`, script.createCachedData());
    renameSync(`${cache}.${process.pid}`, cache);
  } catch {
    // Without a writable folder the start is slower, and everything still works.
  }
}
