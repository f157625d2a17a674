import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "../../components";
import type { ConfigurationFile } from "../../components/pgBackRest/configurationFile";
import { renderConfiguration } from "../../components/pgBackRest/render";
import { repositoriesOf } from "../../components/pgBackRest/repositories";
import { postgresImage } from "../../images/build";
import { connect } from "../../scripts/engine/connect";
import { backed } from "./badBackups";
import { builtImage } from "./builtImage";
import { promiseOf } from "./mocks";
import { run } from "./process";

/** What pgBackRest said of a configuration. */
export interface Parsed {
  /** The exit code. */
  code: number;
  /** All that it printed. */
  text: string;
  /** The options that it began with, as it repeats them. Secrets are hidden. */
  options: string[];
}

/** The stack's own object store, as the component describes it. */
const objectStore = {
  host: "laterbase-dev-object-store",
  port: 7070,
  bucket: "backups",
  region: "us-east-1",
  accessKey: pulumi.secret("AK"),
  secretKey: pulumi.secret("SK"),
  ca: pulumi.output("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
};

/** The files that a stack file's backups lead to. */
export function configurationOf(change: object, version: number): ConfigurationFile[] {
  const raw = { ...backed(change, version), objectStore: { port: 7070 } };
  const backups = parseConfig(raw, "Pulumi.test.yaml").backups!;
  return renderConfiguration({
    ...{ backups, version, objectStore },
    repositories: repositoriesOf(backups, version),
    role: "laterbase_test_backups",
    standby: true,
    passphrase: pulumi.secret("generated-passphrase"),
  });
}

/** Lines of shell that put files where every container has them, with the owner that the step gives them. */
export async function placed(files: readonly ConfigurationFile[]): Promise<string[]> {
  const lines = await Promise.all(
    files.map(async ({ name, content, mode }) => {
      const text = Buffer.from(await promiseOf(pulumi.output(content))).toString("base64");
      const path = `/etc/pgbackrest/${name}`;
      return `base64 -d <<<${text} >${path}; chown 0:999 ${path}; chmod ${mode} ${path}`;
    }),
  );
  return ["rm -rf /etc/pgbackrest; install -d /etc/pgbackrest/conf.d", ...lines];
}

/** A call of pgBackRest as PostgreSQL's user, with the configuration before it. */
export interface Call {
  files: readonly ConfigurationFile[];
  words: string;
}

/** The options that the configuration files set, as pgBackRest repeats them on its first line. */
export async function optionsOf(files: readonly ConfigurationFile[]): Promise<string[]> {
  const texts = files
    .filter(({ name }) => name.endsWith(".conf"))
    .map(({ content }) => promiseOf(pulumi.output(content)));
  const lines = (await Promise.all(texts)).join("\n").match(/^[^[\n]+=.*$/gm) ?? [];
  return lines.map((line) => {
    const [name = ""] = line.split("=");
    const value = line.slice(name.length + 1);
    if (value === "y") return `--${name}`;
    if (value === "n") return `--no-${name}`;
    return `--${name}=${value}`;
  });
}

/**
 * Runs pgBackRest of a major's image, all calls in one container without a network. It stops where a stanza that was
 * stopped does, which is after it has read its options and before it uses one.
 */
export async function parsedBy(major: number, calls: readonly Call[]): Promise<Parsed[]> {
  const blocks = calls.map(async ({ files, words }) => [
    ...(await placed(files)),
    "install -d -o 999 /tmp/pgbackrest /var/lib/pgbackrest/log; touch /tmp/pgbackrest/main.stop",
    `said=$(as_postgres pgbackrest --stanza=main --log-level-console=detail ${words} 2>&1); code=$?`,
    'printf "%s %s\\n" "$code" "$(base64 -w 0 <<<"$said")"',
  ]);
  const printed = await inImage(major, (await Promise.all(blocks)).flat());
  return printed.map((line) => {
    const [code, said = ""] = line.split(" ");
    const text = Buffer.from(said, "base64").toString();
    const begun = /command begin [\d.]+: (.*)/.exec(text)?.[1] ?? "";
    return { code: Number(code), text, options: begun.split(/ (?=--)/) };
  });
}

/** Runs lines of bash as root in a container of a major's image, and returns the lines that they print. */
export async function inImage(major: number, lines: readonly string[]): Promise<string[]> {
  const image = await builtImage(connect(), postgresImage(major));
  const script = [
    "set -u",
    'as_postgres() { setpriv --reuid 999 --regid 999 --clear-groups -- "$@"; }',
    ...lines,
  ];
  const args = ["run", "--rm", "-i", "--network", "none", "--user", "0", "--entrypoint", "bash"];
  const ran = await run("docker", [...args, image], { input: script.join("\n"), seconds: 120 });
  if (ran.code !== 0) throw new Error(`exit ${ran.code}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout.trim().split("\n");
}
