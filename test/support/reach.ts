import type { Made } from "./mocks";

/** What a container can reach, one text a column of the table in docs/security.md. */
export interface Reach {
  container: string;
  user: string;
  capabilities: string;
  root: string;
  networks: string;
  ports: string;
  mounts: string;
  limits: string;
}

export const columns: Record<keyof Reach, string> = {
  container: "container",
  user: "user",
  capabilities: "capabilities",
  root: "root file system",
  networks: "networks",
  ports: "published",
  mounts: "mounts",
  limits: "memory, processes",
};

/** What each container of a stack can reach, by what the components ask for. */
export function reachOf(made: Made[], prefix: string): Reach[] {
  const networks = ofType(made, "network:Network");
  const limits = ofType(made, "command:local:Command")
    .flatMap(({ name, inputs }) => (name.endsWith("-process-limits") ? [inputs["create"]] : []))
    .join(" ");
  const short = (name: string) => name.replace(`${prefix}-`, "").replace(prefix, "stack");
  return ofType(made, "container:Container").map(({ inputs }) => ({
    container: short(inputs["name"]),
    user: inputs["user"]?.replace("stdout-of-duplicati-owner", "the folder's") ?? "the image's",
    capabilities: list([
      ...(inputs["capabilities"].drops.join() === "ALL" ? [] : ["NOT ALL DROPPED"]),
      ...(inputs["capabilities"].adds ?? []),
    ]),
    root: inputs["readOnly"] ? "read-only" : "its own",
    networks: list(
      inputs["networksAdvanced"].map(({ name }: { name: string }) => {
        const network = networks.find((one) => one.inputs["name"] === name);
        return `${short(name)}${network?.inputs["internal"] ? " (internal)" : ""}`;
      }),
    ),
    ports: list((inputs["ports"] ?? []).map((one: any) => one.internal)),
    mounts: list(
      (inputs["volumes"] ?? []).map((one: any) => {
        const from = one.hostPath ?? short(one.volumeName);
        return `${from}${one.readOnly ? " (read-only)" : ""}`;
      }),
    ),
    limits: `${inputs["memory"]} MB, ${limitIn(limits, inputs["name"])}`,
  }));
}

const ofType = (made: Made[], type: string) => made.filter((one) => one.type.endsWith(type));
const list = (items: unknown[]) => (items.length > 0 ? items.join(", ") : "none");
const limitIn = (words: string, name: string) =>
  words
    .split(" ")
    .find((word) => word.startsWith(`${name}=`))
    ?.split("=")[1] ?? "NO LIMIT";

/** The table as docs/security.md has it, without the padding of its columns. */
export function tableOf(rows: Reach[]): string[] {
  const keys = Object.keys(columns) as (keyof Reach)[];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(keys.map((key) => columns[key])),
    line(keys.map(() => "-")),
    ...rows.map((row) => line(keys.map((key) => row[key]))),
  ];
}
