import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { Checkout } from "../support/docs/checkout";
import { documentRun } from "../support/docs/documentRun";

// What a stranger types from the README until a restore is proven. The stack has fewer parts than
// dev, so that it is up soon; trials/docs runs other pages on all of them.
const checkout = new Checkout("t-docs");
const { config } = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as {
  config: Record<string, any>;
};

jest.setTimeout(600_000);

beforeAll(() =>
  checkout.make({
    primary: { ...config["laterbase:primary"], port: 18811 },
    standbys: [{ name: "standby", port: 18812 }],
    backups: config["laterbase:backups"],
    dumps: config["laterbase:dumps"],
  }),
);
afterAll(() => checkout.discard(), 600_000);

documentRun("readme", { checkout, stacks: { dev: "t-docs" } });
