import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import {
  extensionsFile,
  type ExtensionsInput,
  mainExtension,
  readExtensions,
} from "../../contract/extensions";
import { quoted } from "../../contract/quoting";
import { stepWarning } from "../../contract/stepWarning";
import { createMissing } from "../primary/extensions";
import { LocalPrimary } from "../primary/localPrimary";
import { runProgram, type Target } from "./runProgram";

/**
 * `extensions.ts <the primary's container>`: creates in each database the extensions of `primary.extensions` that only
 * a superuser may create, where they are missing. Standard input is {@link ExtensionsInput} as JSON. It says of each
 * one that it could not create what is in its way, and of nothing that it is there when it is not.
 */
async function main({ engine, name }: Target): Promise<void> {
  const { names, databases } = JSON.parse(await text(process.stdin)) as ExtensionsInput;
  const server = new LocalPrimary(engine, name);
  const packages = readExtensions(await server.fileContent(extensionsFile));
  const wanted = packages.filter((one) => names.includes(one.name));
  const absent = names.filter((one) => !wanted.some((other) => other.name === one));
  if (absent.length > 0) throw new Error(`the primary's image lacks ${absent.join(", ")}.`);
  const extensions = wanted.flatMap((one) => mainExtension(one) ?? []);
  for (const database of databases) {
    const { created, failed } = await createMissing(server, database, extensions);
    const where = `in the database ${quoted(database)}`;
    for (const one of created) console.log(`${one} is created ${where}.`);
    for (const { extension, why } of failed)
      console.log(`${stepWarning}${extension} could not be created ${where}: ${why}`);
  }
}

void runProgram("extensions.ts <the primary's container>", main, "The extensions: ");
