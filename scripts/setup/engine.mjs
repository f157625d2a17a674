#!/usr/bin/env node
// Asks a Docker engine for what set-up and our scripts need, before any package is there.
//   engine.mjs [--host H] ping | missing <image…> | can-pull <image> | volumes <label=value>
//                         | remove-volume <name…> | import <repository:tag> <arch> (tar on stdin)
//                         | copy <image> (from the default engine to H)
import { text } from "node:stream/consumers";
import { URLSearchParams } from "node:url";
import { parseArgs } from "node:util";
import { call, fallbackHost, json, probeMilliseconds } from "./engineCall.mjs";

/** Docker reports what went wrong in the last line of a stream that began with 200. */
async function streamed(answer) {
  const words = await text(answer);
  const failure = /"(?:error|message)":"((?:[^"\\]|\\.)*)"/.exec(words);
  if (answer.statusCode >= 400 || failure) throw new Error(failure?.[1] ?? words);
}

const commands = {
  async ping(host) {
    const { Version, Arch } = await json(host, "/version");
    console.log(`${Version} ${Arch}`);
  },
  async missing(host, ...images) {
    const { statusCode } = await call(host, "HEAD", "/_ping", { milliseconds: probeMilliseconds });
    if (statusCode !== 200) throw new Error(`the engine answers ${statusCode}`);
    for (const image of images) {
      const answer = await call(host, "GET", `/images/${image}/json`);
      answer.resume();
      if (answer.statusCode !== 200) console.log(image);
    }
  },
  async "can-pull"(host, image) {
    await json(host, `/distribution/${image}/json`);
  },
  async import(host, image, arch) {
    const [repo, tag] = image.split(":");
    const query = new URLSearchParams({
      fromSrc: "-",
      repo,
      tag,
      platform: `linux/${arch}`,
      changes: 'CMD ["bash"]',
    });
    await streamed(await call(host, "POST", `/images/create?${query}`, { body: process.stdin }));
  },
  async copy(host, image) {
    const tar = await call(fallbackHost, "GET", `/images/${image}/get`);
    if (tar.statusCode !== 200) throw new Error(await text(tar));
    await streamed(await call(host, "POST", "/images/load?quiet=1", { body: tar }));
  },
  async volumes(host, label) {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    for (const { Name } of (await json(host, `/volumes?filters=${filters}`)).Volumes ?? [])
      console.log(Name);
  },
  async "remove-volume"(host, ...names) {
    for (const name of names) {
      const answer = await call(host, "DELETE", `/volumes/${name}`);
      const words = await text(answer);
      if (answer.statusCode >= 400 && answer.statusCode !== 404)
        throw new Error(JSON.parse(words).message);
    }
  },
};

const { values, positionals } = parseArgs({
  options: { host: { type: "string" } },
  allowPositionals: true,
});
const host = values.host || fallbackHost;
const [command, ...rest] = positionals;
try {
  if (!commands[command]) throw new Error(`no such command: ${command}`);
  await commands[command](host, ...rest);
  process.exit(0);
} catch (error) {
  console.error(`${host}: ${error.message}`);
  process.exit(1);
}
