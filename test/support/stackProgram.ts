import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Laterbase, parseConfig } from "../../components";
import type { LaterbaseArgs } from "../../components/stack/laterbaseArgs";
import { type Made, render } from "./mocks";
import { postgresSource } from "./testStack";

const example = (name: string) => `examples/${name}/Pulumi.${name}.yaml`;

/** The stack files that are tried. Those of an external primary need a password, which no file holds. */
export const stackFiles = {
  dev: "Pulumi.dev.yaml",
  prod: "Pulumi.prod.yaml",
  editor: example("editor"),
  "hot-hot": example("hot-hot"),
  homelab: example("homelab"),
  sav3: example("sav3"),
  "config-once": example("config-once"),
};

/** The name of a stack file. */
export type StackFile = keyof typeof stackFiles;

/** An image of everything that a stack may have. */
export const images: LaterbaseArgs["images"] = {
  postgres: postgresSource,
  agent: { tag: "laterbase/agent:17-abc", context: ".laterbase/agent", buildArgs: {} },
  pooler: { tag: "laterbase/pgbouncer:abc", context: "images/pgbouncer", buildArgs: {} },
  pgAdmin: { pulled: "dpage/pgadmin4:9.17" },
  duplicati: { pulled: "duplicati/duplicati:2.3.0.4" },
  ofelia: { pulled: "mcuadros/ofelia:0.3.21" },
  socketProxy: {
    tag: "laterbase/socket-proxy:1-abc",
    context: ".laterbase/socket-proxy",
    buildArgs: {},
  },
  objectStore: { pulled: "versity/versitygw:v1.7.0" },
};

/** The keys of a stack file, without their `laterbase:` prefix. */
export function stackKeys(name: StackFile): Record<string, any> {
  const { config } = parse(readFileSync(stackFiles[name], "utf8")) as { config: object };
  const keys: Record<string, any> = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("laterbase:", ""), value]),
  );
  if (keys["primary"].kind === "external") keys["primary"].superuser.password = "Tr0ub4dor";
  return keys;
}

/**
 * Everything that a stack file declares. `watch` runs before the first resource, `change` may change the
 * file's keys, and `more` what does not come from the file.
 */
export function declared(
  name: StackFile,
  watch: () => void,
  change: (keys: Record<string, any>) => void = () => undefined,
  more: Partial<LaterbaseArgs> = {},
): Promise<Made[]> {
  const keys = stackKeys(name);
  change(keys);
  return render(
    () => {
      watch();
      new Laterbase("laterbase", {
        project: "laterbase",
        stack: name,
        config: parseConfig(keys, stackFiles[name]),
        images,
        folder: "/project",
        initScripts: [],
        drift: {},
        ...more,
      });
    },
    { stack: name },
  );
}
