import { databasesOf, type OwnersConfig } from "../primary/owners";
import { seconds } from "../schema/primitives";
import type { DumpsConfig } from "./schema";

/** What the rules of dumps read of a configuration. */
interface DumpsRulesConfig extends OwnersConfig {
  /** The engine of the stack. Default: the local one. */
  dockerHost?: string | undefined;
  /** `laterbase:dumps`. Default: no dumps. */
  dumps?: DumpsConfig | undefined;
}

/** The rules of dumps: one sentence for each that is broken, without its full stop. */
export function dumpsRules({ dumps, dockerHost, ...config }: DumpsRulesConfig): string[] {
  if (!dumps) return [];
  const { databases, path, timeout, databaseTimeout } = dumps;
  const known = databasesOf(config);
  const unknown =
    databases !== "*" && known !== "*" ? databases.filter((name) => !known.includes(name)) : [];
  return [
    ...unknown.map(
      (name) =>
        `laterbase:dumps.databases names "${name}", which laterbase:primary.databases does not; ` +
        `there are ${(known as string[]).join(", ")}`,
    ),
    ...(databaseTimeout !== undefined && seconds(databaseTimeout) > seconds(timeout)
      ? [
          "laterbase:dumps.databaseTimeout must be at most laterbase:dumps.timeout, which is " +
            `${timeout}; it is ${databaseTimeout}`,
        ]
      : []),
    ...(path && !path.startsWith("/") && /^(ssh|tcp):/.test(dockerHost ?? "")
      ? [
          "laterbase:dumps.path must be an absolute path of the engine's machine, such as " +
            `/srv/backups, because laterbase:dockerHost is another one; it is "${path}"`,
        ]
      : []),
  ];
}
