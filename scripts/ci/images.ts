import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { visible } from "../../contract/visible";
import { project } from "../../images/build/context";
import { connect } from "../engine/connect";
import { registryLogin, registryOf } from "../engine/registryLogin";
import { makeImages } from "./images/build";
import { contentsOf } from "./images/contents";
import { grown } from "./images/growth";
import { labelsOf } from "./images/labels";
import { place } from "./images/place";
import { publish } from "./images/publish";
import { tagPrefix } from "./images/trust";
import { imagesOf } from "./images/wanted";

// images.ts [--json <file>] [--fresh] <stack file>…: what scripts/ci/images.sh is for.
async function main(env = process.env): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: "string" }, fresh: { type: "boolean" } },
    allowPositionals: true,
  });
  const prefix = tagPrefix(env);
  const where = place(env["LATERBASE_REGISTRY"], env["LATERBASE_TAG"], prefix);
  const images = imagesOf(positionals.map((file) => ({ file, text: readFileSync(file, "utf8") })));
  const engine = connect({});
  const login = await registryLogin(registryOf(`${where.registry}/`));
  const labels = await labelsOf(env, where.tag);
  const to = { engine, login, ...where, prefix, labels, fresh: values.fresh === true, say };
  const made = await makeImages(images, to);
  const sizes = JSON.parse(readFileSync(join(project, "images/sizes.json"), "utf8")) as object;
  const [refused] = grown(made, sizes as Record<string, number>);
  if (refused) throw new Error(refused);
  const published = await publish(made, to);
  say(tableOf(published));
  if (values.json === undefined) return;
  mkdirSync(dirname(values.json), { recursive: true });
  for (const one of made) {
    const file = join(dirname(values.json), `${one.name}.cdx.json`);
    writeFileSync(file, `${JSON.stringify(await contentsOf(engine, one), undefined, 2)}\n`);
  }
  const list = Object.fromEntries(published.map(({ name, ...rest }) => [name, rest]));
  writeFileSync(values.json, `${JSON.stringify(list, undefined, 2)}\n`);
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

function tableOf(published: Awaited<ReturnType<typeof publish>>): string {
  const table = new Table({ head: ["image", "size", "digest"], style: { head: [], border: [] } });
  for (const { image, tag, bytes, digest } of published)
    table.push([`${image}:${tag}`, `${Math.round(bytes / 1e6)} MB`, digest]);
  return table.toString();
}

void main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(visible(error.message));
    process.exit(1);
  },
);
