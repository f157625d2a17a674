#!/usr/bin/env node
// asRecorded.mjs <state file>: exits with 0 when the engines hold what a state file says, so that no
// refresh is needed. It exits with 1 when something differs or cannot be compared. It compares what
// can change on an existing container: running, memory, restart policy, CPU shares. Docker fixes the
// rest when it makes the container.
import { readFileSync } from "node:fs";
import { json } from "./engineCall.mjs";

const { resources = [], pending_operations: pending = [] } = recordedIn(process.argv[2]);

function recordedIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).checkpoint?.latest ?? {};
  } catch {
    return {}; // Pulumi explains better what is wrong with a state.
  }
}

const hostOf = ({ provider = "" }) => {
  const owner = resources.find(({ urn }) => provider.startsWith(`${urn}::`));
  if (!owner) throw new Error(`${provider} is not in the state`);
  return owner.inputs?.host;
};

const megabytes = 1024 * 1024;
const checks = {
  "docker:index/container:Container": async (resource) => {
    const { State, HostConfig } = await json(hostOf(resource), `/containers/${resource.id}/json`);
    const { memory, memorySwap, restart, cpuShares } = resource.outputs;
    return (
      State.Running &&
      HostConfig.Memory === memory * megabytes &&
      HostConfig.MemorySwap === memorySwap * megabytes &&
      HostConfig.RestartPolicy.Name === restart &&
      HostConfig.CpuShares === cpuShares
    );
  },
  "docker:index/volume:Volume": async (resource) =>
    Boolean(await json(hostOf(resource), `/volumes/${resource.outputs.name}`)),
  "docker:index/network:Network": async (resource) =>
    (await json(hostOf(resource), `/networks/${resource.id}`)).Id === resource.id,
  "docker:index/remoteImage:RemoteImage": async ({ outputs, ...resource }) =>
    (await json(hostOf(resource), `/images/${outputs.name}/json`)).Id === outputs.imageId,
};

try {
  const recorded = resources.filter(({ type }) => type.startsWith("docker:"));
  const same = await Promise.all(recorded.map((resource) => checks[resource.type](resource)));
  process.exit(recorded.length > 0 && pending.length === 0 && same.every(Boolean) ? 0 : 1);
} catch {
  process.exit(1);
}
