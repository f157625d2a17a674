import { Checkout } from "../../support/docs/checkout";
import { documentRun } from "../../support/docs/documentRun";

// Two stacks of this program on one engine, of an old major and of a new one.
const checkout = new Checkout("t-major-dev");
const config = (version: number, port: number) => ({
  primary: { kind: "managed", version, port, databases: ["shop"] },
  standbys: [{ name: "standby", port: port + 1 }],
  dumps: { schedule: "@hourly" },
});

jest.setTimeout(900_000);

beforeAll(async () => {
  await checkout.make({});
  checkout.write("before", config(13, 18841));
  checkout.write("new-major", config(17, 18843));
  const { code, stdout, stderr } = await checkout.bash(
    `npm run laterbase -- new t-shop13 --from Pulumi.before.yaml
     npm run pulumi -- up --yes --stack t-shop13
     npm run laterbase -- shell shop --as shop --stack t-shop13 \\
       <<<"CREATE TABLE orders AS SELECT generate_series(1, 100) AS id"`,
  );
  if (code !== 0) throw new Error(`the old stack: ${code}\n${stdout}${stderr}`);
}, 900_000);
afterAll(() => checkout.remove(["t-shop13", "t-shop17"]), 300_000);

documentRun("majors", {
  checkout,
  stacks: { shop13: "t-shop13", shop17: "t-shop17" },
  values: {
    "shop/20261121T030000Z": async () => {
      const { stdout } = await checkout.bash(
        "npm run --silent laterbase -- list-dumps shop --json --stack t-shop13",
      );
      return (JSON.parse(stdout) as { id: string }[])[0]!.id;
    },
  },
});
