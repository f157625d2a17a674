import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../../support/docs/checkout";
import { documentRun } from "../../support/docs/documentRun";
import { builtImage } from "../../support/primaryServer";
import { doAll, ok, run, until } from "../../support/process";

// A PostgreSQL in a container that Laterbase did not make: our image with the plain server in it stands for the
// official one, which cannot be pulled everywhere.
const checkout = new Checkout("t-take-dev");
const shop = "lbt-docs-shop-db";
const address = "10.213.41.1";

jest.setTimeout(900_000);

beforeAll(async () => {
  await checkout.make({});
  const file = join(checkout.path, "Pulumi.prod.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("port: 5433", "port: 18831"));
  const image = await builtImage(17);
  await ok("docker", ["network", "create", "--subnet", "10.213.41.0/24", shop]);
  const initialise = `umask 077; echo 'shop secret' >/tmp/pw
    initdb -D /tmp/data -U postgres --pwfile=/tmp/pw -A scram-sha-256 -E UTF8 --locale=en_US.UTF-8 >/dev/null
    echo 'host all all all scram-sha-256' >>/tmp/data/pg_hba.conf
    exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp`;
  await ok("docker", [
    ...["run", "-d", "--init", "--name", shop, "--network", shop, "--user", "postgres"],
    ...["--publish", `${address}:5432:5432`, "--entrypoint", "bash", image, "-c", initialise],
  ]);
  const psql = ["exec", "--env", "PGPASSWORD=shop secret", shop, "psql", "-h", "/tmp"];
  const sql = (text: string, database = "postgres") =>
    run("docker", [...psql, "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", text]);
  await until("the container answers", async () => (await sql("SELECT 1")).code === 0);
  await sql("CREATE DATABASE shop");
  const made = await sql("CREATE TABLE orders AS SELECT generate_series(1, 100) AS id", "shop");
  expect(made.code).toBe(0);
}, 300_000);

afterAll(
  () =>
    doAll(
      () => checkout.remove(["t-take"]),
      () => run("docker", ["rm", "--force", "--volumes", shop]),
      () => run("docker", ["network", "rm", shop]),
    ),
  300_000,
);

documentRun("studio", {
  checkout,
  stacks: { studio: "t-take" },
  values: {
    "192.168.1.20": address,
    // A connection to a published port comes from the gateway of the container's network.
    "172.16.0.0/12": "10.213.41.0/24",
    "the password": "shop secret",
    "shop-db": shop,
  },
});
