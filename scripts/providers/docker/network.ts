import type Docker from "dockerode";
import type { Context, Found, Props, ResourceKind } from "../protocol/provider";
import { notFound, removeWhenFree } from "./errors";
import { diffFields, driftedInputs, isEmpty, set, type Fields } from "./fields";
import { labelList, labelMap } from "./labels";

const FIELDS: Fields = {
  name: { replaces: true },
  driver: { replaces: true, computed: true },
  internal: { replaces: true, computed: true },
  labels: { replaces: true, normal: set },
};

/** `docker:index/network:Network` on the engine that `engine` gives. */
export function network(engine: () => Docker): ResourceKind {
  return {
    inputs: Object.keys(FIELDS),
    check: (news) => ({ inputs: news, failures: nameFailure(news) }),
    diff: (olds, news) => ({
      ...diffFields(FIELDS, olds, news),
      // With two networks of the same name, containers could join the wrong one.
      deleteBeforeReplace: olds.state.name === news.name,
    }),
    create: async (_ctx, inputs) => {
      const { id } = await engine().createNetwork({
        Name: inputs.name as string,
        CheckDuplicate: true,
        Driver: inputs.driver as string | undefined,
        Internal: inputs.internal as boolean | undefined,
        Labels: labelMap(inputs.labels),
      });
      const found = await read(engine(), id, inputs);
      return { id, outputs: found?.outputs ?? inputs };
    },
    read: (_ctx, id, _state, inputs) => read(engine(), id, inputs),
    delete: (ctx, id) => remove(engine(), ctx, id),
  };
}

async function read(engine: Docker, id: string, inputs: Props): Promise<Found | undefined> {
  const info = await engine.getNetwork(id).inspect().catch(notFound);
  if (!info) return undefined;
  const outputs = {
    name: info.Name,
    labels: labelList(info.Labels),
    driver: info.Driver,
    internal: info.Internal,
    attachable: info.Attachable,
    ingress: info.Ingress,
    ipv6: info.EnableIPv6,
    ipamDriver: info.IPAM?.Driver,
    ipamOptions: info.IPAM?.Options ?? {},
    ipamConfigs: (info.IPAM?.Config ?? []).map((config) => ({
      subnet: config.Subnet,
      gateway: config.Gateway,
      ipRange: config.IPRange,
    })),
    options: info.Options ?? {},
    scope: info.Scope,
  };
  return { id: info.Id, inputs: driftedInputs(FIELDS, inputs, outputs), outputs };
}

/** The engine answers 403 while containers are connected. */
async function remove(engine: Docker, ctx: Context, id: string): Promise<void> {
  await removeWhenFree(ctx.signal, 403, () => engine.getNetwork(id).remove());
}

/** The embedded provider does not generate names, so one is required. */
export function nameFailure(news: Props) {
  return isEmpty(news.name) ? [{ property: "name", reason: "a name is required" }] : [];
}
