import type Docker from "dockerode";
import type { Context, Found, Props, ResourceKind } from "../protocol/provider";
import { notFound, removeWhenFree } from "./errors";
import { diffFields, driftedInputs, set, type Fields } from "./fields";
import { labelList, labelMap } from "./labels";
import { nameFailure } from "./network";

const FIELDS: Fields = {
  name: { replaces: true, computed: true },
  labels: { replaces: true, normal: set },
  driver: { replaces: true, computed: true },
  driverOpts: { replaces: true },
};

/** `docker:index/volume:Volume`. An existing volume of that name is adopted. */
export function volume(engine: () => Docker): ResourceKind {
  return {
    inputs: Object.keys(FIELDS),
    check: (news) => ({ inputs: news, failures: nameFailure(news) }),
    diff: (olds, news) => ({
      ...diffFields(FIELDS, olds, news),
      deleteBeforeReplace: olds.state.name === news.name,
    }),
    create: async (_ctx, inputs) => {
      const id = inputs.name as string;
      await engine().createVolume({
        Name: id,
        Labels: labelMap(inputs.labels),
        Driver: inputs.driver as string | undefined,
        DriverOpts: inputs.driverOpts as Record<string, string> | undefined,
      });
      const found = await read(engine(), id, inputs);
      return { id, outputs: found?.outputs ?? inputs };
    },
    read: (_ctx, id, _state, inputs) => read(engine(), id, inputs),
    delete: (ctx, id) => remove(engine(), ctx, id),
  };
}

async function read(engine: Docker, id: string, inputs: Props): Promise<Found | undefined> {
  const info = await engine.getVolume(id).inspect().catch(notFound);
  if (!info) return undefined;
  const outputs = {
    name: info.Name,
    labels: labelList(info.Labels),
    driver: info.Driver,
    driverOpts: info.Options ?? {},
    mountpoint: info.Mountpoint,
  };
  return { id: info.Name, inputs: driftedInputs(FIELDS, inputs, outputs), outputs };
}

/** The engine answers 409 while a container uses it. */
async function remove(engine: Docker, ctx: Context, id: string): Promise<void> {
  await removeWhenFree(ctx.signal, 409, () => engine.getVolume(id).remove({ force: true }));
}
