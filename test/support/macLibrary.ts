import { exampleKeys } from "./exampleStacks";
import { sql } from "./stack";
import type { Mac } from "./macLab";

export const library = "ResolveProjects";

// Clips with names as people give them, with capitals, spaces, hyphens and accents. A unique index finds
// them by name. It finds only few if the server sorts differently from the one that built the index.
const schema = `
create function clip_name(n int) returns text language sql immutable as $$
  select (array['A cam ', 'a cam ', 'python-', 'python3-', 'Zoom', 'zoom', '_take', '-take',
                'Étude ', 'Straße ', 'b', 'B '])[1 + n % 12]
      || upper(substr(md5(n::text), 1, 3)) || (array[' ', '-', '_', ''])[1 + n / 12 % 4]
      || substr(md5(n::text), 4, 6) || ' ' || n $$;
create table clips (id bigserial primary key, name text not null unique, note text not null);
insert into clips (name, note) select clip_name(n), md5(n::text) from generate_series(1, 20000) n;
analyze clips;
-- How many of 200 are met by the index alone.
create function found() returns bigint language sql stable
  set enable_seqscan = off set enable_bitmapscan = off as $$
  select count(*) from generate_series(97, 19400, 97) n
   cross join lateral (select from clips where name = clip_name(n) limit 1) one $$;
`;

/** A project library on the emulated Mac. */
export async function makeLibrary(mac: Mac): Promise<void> {
  await mac.sql(`create database "${library}"`);
  await mac.sql(schema, library);
}

/** How many of 200 clips a server finds by the index over their names. */
export async function found(uri: string): Promise<number> {
  const [row] = await sql<{ found: string }>(uri, "select found()");
  return Number(row!.found);
}

/** The configuration of examples/editor without the namespace of its keys. */
export const editorConfig = (): Record<string, any> => exampleKeys("editor");
