import type { Part } from "../../../scripts/cli/parts/part";
import { storeThePassphrase, summary } from "../../../scripts/wrapper/summary";

const part = (kind: Part["kind"], more: Partial<Part> = {}): Part => ({
  ...{ kind, name: kind, container: `laterbase-dev-${kind}`, host: "", superuser: "postgres" },
  published: { host: "127.0.0.1", port: 8008 },
  ...more,
});
const unpublished = part("agent");
delete unpublished.published;
const dumps = { schedule: "@hourly", location: "volume laterbase-dev-backups", source: "standby" };
const addresses = ["127.0.0.1", "192.168.1.7"];

it("names what to open, with commands that need no client", () => {
  const lines = summary(
    {
      stack: "dev",
      standIns: true,
      broken: ["pooler"],
      parts: [
        part("primary"),
        part("standby", { published: { host: "127.0.0.1", port: 8009 } }),
        part("pooler", { published: { host: "127.0.0.1", port: 6432 } }),
        part("pgadmin", { published: { host: "127.0.0.1", port: 5050 } }),
        part("duplicati", { published: { host: "127.0.0.1", port: 8200 } }),
        unpublished,
      ],
      outputs: {
        primary: {
          host: "127.0.0.1",
          port: 8008,
          databases: ["mfi"],
          container: "laterbase-dev-primary",
        },
        backups: { dumps },
      },
    },
    addresses,
  );
  expect(lines).toEqual([
    "  primary              127.0.0.1:8008",
    "                       docker exec -it laterbase-dev-primary psql -h /run/pg/primary -U postgres -d mfi",
    "  standby (read-only)  127.0.0.1:8009",
    "                       docker exec -it laterbase-dev-standby psql -h /run/pg/standby -U postgres -d mfi",
    "  pooler               127.0.0.1:6432 (does not work, see above)",
    "  pgAdmin              http://127.0.0.1:5050",
    "  Duplicati            http://127.0.0.1:8200",
    "  dumps                @hourly, in volume laterbase-dev-backups",
    "                       npm run laterbase -- list-dumps",
    "  passwords            npm run laterbase -- credentials",
    "Stand-ins of ours run in place of Ofelia and Duplicati, whose images cannot be pulled here.",
    "What next: change Pulumi.dev.yaml and 'npm start' again; 'npm run destroy' takes it down and keeps the data.",
  ]);
});

it("is the same for another stack, with its name, its engines and its external primary", () => {
  const lines = summary(
    {
      stack: "editor",
      standIns: false,
      broken: [],
      parts: [
        part("standby", {
          name: "far",
          container: "laterbase-editor-far",
          host: "ssh://media@nas.local",
          superuser: "o'brien",
          published: { host: "0.0.0.0", port: 5433 },
        }),
        part("pgadmin", { published: { host: "0.0.0.0", port: 5050 } }),
        part("duplicati", { published: { host: "::1", port: 8200 } }),
      ],
      outputs: { primary: { host: "192.168.1.20", port: 5432, databases: "*" }, backups: {} },
    },
    addresses,
  );
  expect(lines).toEqual([
    "  primary          192.168.1.20:5432",
    "  far (read-only)  nas.local:5433",
    `                   docker -H ssh://media@nas.local exec -it laterbase-editor-far psql -h /run/pg/standby -U 'o'\\''brien' -d postgres`,
    "  pgAdmin          http://127.0.0.1:5050  http://192.168.1.7:5050",
    "  Duplicati        http://[::1]:8200",
    "  passwords        npm run laterbase -- credentials --stack editor",
    "What next: change Pulumi.editor.yaml and 'npm run pulumi -- up --stack editor' again; 'npm run destroy -- --stack editor' takes it down and keeps the data.",
  ]);
});

it("names the repositories, and where the passphrase is to be stored", () => {
  const repositories = [
    { number: 1, location: "volume laterbase-x-repositories" },
    { number: 2, location: "bucket b at s3.nas.local" },
  ];
  const outputs = { backups: { repositories } };
  const lines = summary({ stack: "x", standIns: false, broken: [], parts: [], outputs }, addresses);
  expect(lines.slice(0, 3)).toEqual([
    "  backups    repository 1: volume laterbase-x-repositories",
    "             repository 2: bucket b at s3.nas.local",
    "             npm run laterbase -- list-backups --stack x",
  ]);
  const backup = "20261129-140015F: full from the standby.";
  expect(
    summary({ stack: "x", standIns: false, broken: [], parts: [], outputs, backup }, addresses)[2],
  ).toBe(`             newest: ${backup}`);
  expect(storeThePassphrase("x")).toBe(
    "Store the passphrase of the backups elsewhere: without it nobody can restore them, and this machine may be what is lost. 'npm run laterbase -- credentials --stack x' prints it.",
  );
});
