import * as pulumi from "@pulumi/pulumi";
import type { StepMount } from "../../contract/stepMount";
import type { ContainerVolume } from "../kit/volume";

/** What a container of a step mounts, as its input says it. */
export function stepMounts(mounts: readonly ContainerVolume[]): pulumi.Output<StepMount[]> {
  return pulumi.output([...mounts]).apply((all) =>
    all.map(({ volumeName, hostPath, containerPath = "", readOnly = false }) => ({
      source: volumeName ?? hostPath ?? "",
      target: containerPath,
      readOnly,
    })),
  );
}
