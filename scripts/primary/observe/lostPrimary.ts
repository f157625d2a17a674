/** By this variable somebody asks for an empty primary on purpose. */
export const emptyPrimaryVariable = "LATERBASE_EMPTY_PRIMARY";

/** Data of a primary in another place than its own volume. */
export interface Copy {
  kind: "standby" | "dumps";
  volume: string;
  /** Of a standby: its name. */
  standby?: string;
  /** The engine, where it does not answer: nobody can see whether the data are there. Empty is the local one. */
  away?: string;
}

/** What the sentences of a refusal need. */
interface Lost {
  /** The primary's volume. */
  volume: string;
  /** It is there, and holds no data. */
  isThere?: boolean;
  /** Its engine. Absent: the local one. */
  host?: string | undefined;
  copies: readonly Copy[];
  /** Whether the stack had a primary on this engine; undefined where nobody knows. Only asked where no copy was seen. */
  had?: boolean | undefined;
  stack: string;
  backedUp?: boolean;
}

/** What a preview says where no copy was seen: it may run on another machine than the update. */
export function warning(volume: string, had: boolean | undefined): string {
  const state =
    had === undefined
      ? "and the stack's state cannot be read, so nobody knows whether it had a primary"
      : "and the stack had a primary there";
  return `The primary has no data on the engine of this preview: its volume ${volume} is missing or empty, ${state}. Where 'up' finds the same, it stops before it changes anything.`;
}

/** The sentences for a primary without data. Where no copy was seen, it is one that the stack had, or may have had. */
export function refusal(one: Lost): string[] {
  const { volume, isThere, host, copies, had, stack, backedUp } = one;
  const named = ({ kind, standby, volume: copy }: Copy) =>
    kind === "standby" ? `the standby "${standby}" (volume ${copy})` : "dumps of this stack";
  const where = copies.filter(({ away }) => away === undefined).map(named);
  const unseen = copies.flatMap((copy) =>
    copy.away === undefined
      ? []
      : { engine: copy.away ? `engine ${copy.away}` : "local engine", copy: named(copy) },
  );
  const page = "docs/failures.md#the-primary-has-no-data";
  // Without a refresh Pulumi does not see that anything is gone, and makes nothing.
  const again = stack === "dev" ? "npm start" : `npm run pulumi -- up --refresh --stack ${stack}`;
  const ofStack = stack === "dev" ? "" : ` --stack ${stack}`;
  // The repositories hold the backups of the server that is gone, and no other server may use its stanza.
  const stanza = backedUp ? "set laterbase:backups.stanza to another name, then " : "";
  const docker = `docker ${host ? `--host ${host} ` : ""}`;
  // The agent has the volume too, for backups. The run makes it again.
  const agent = volume.replace(/primary-data$/, "agent");
  const first = backedUp ? `${docker}rm --force ${agent} && ` : "";
  // The volume may still have the record of the old server. A new one would wait for that server's data.
  const clear = isThere
    ? `run '${first}${docker}volume rm ${volume}', which removes the volume without data, then `
    : "";
  const empty = `${stanza}${clear}run '${emptyPrimaryVariable}=yes ${again}'`;
  const lost =
    where.length > 0
      ? ""
      : had === undefined
        ? `, and the stack's state cannot be read, so nobody knows whether it had a primary. 'npm run pulumi -- stack --stack ${stack}' says why. If a disk of this machine is not mounted, mount it and restart Docker first`
        : ", and the stack had a primary on this engine. If a disk of this machine is not mounted, mount it and restart Docker first";
  return [
    `The primary has no data: its volume ${volume} is missing or empty${lost}.` +
      (where.length > 0 ? ` There are copies: ${where.join(", ")}.` : ""),
    ...unseen.map(
      ({ engine, copy }) =>
        `There may be a copy: ${copy}. The ${engine} does not answer, so nobody can see it now.`,
    ),
    "Nothing was changed, because a new primary would be empty.",
    ...(backedUp
      ? [
          `To go back to what the backups hold, run 'npm run laterbase -- restore${ofStack}', which shows what it does first.`,
        ]
      : []),
    ...(copies.some(({ kind }) => kind === "standby")
      ? [
          `To get back the rows that the standby had received, copy its data into the volume as ${page} shows.`,
        ]
      : []),
    ...(copies.some(({ kind }) => kind === "dumps")
      ? [
          `To go back to a dump, ${empty}, then 'npm run laterbase -- restore-dump <database> --in-place --create-roles${ofStack}'.`,
        ]
      : []),
    `To begin with an empty primary, ${empty}.`,
  ];
}
