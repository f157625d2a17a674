type Keys = Record<string, any>;

const password = "S3cret-of-the-words";
const passphrase = "Phr4se-of-the-words";

/** Secrets of the stack whose previews are recorded: nothing that is shown may hold one. */
export const secretsOfPreviews = [password, passphrase, "An0ther-of-the-words", "K3Y-of-the-words"];

/** A whole stack, as it is when its previews are recorded. */
export const wordsStack: Keys = {
  primary: {
    kind: "managed",
    version: 17,
    port: 18308,
    databases: ["mfi_banking"],
    initScripts: "examples/hot-hot/schema",
    superuser: { password },
  },
  standbys: [{ name: "standby", port: 18309 }],
  pooler: { port: 18325 },
  pgAdmin: { port: 18326, email: "me@example.com" },
  dumps: { schedule: "@hourly" },
  duplicati: { port: 18322, target: "file:///archive", schedule: "@hourly", passphrase },
};

/** Changes of that stack, by the name of the recording. */
export const wordsChanges: Readonly<Record<string, (keys: Keys) => void>> = {
  "standby-port": (keys) => (keys["standbys"][0].port = 18310),
  "standby-added": (keys) => keys["standbys"].push({ name: "reader", port: 18311 }),
  "primary-port": (keys) => (keys["primary"].port = 18307),
  "primary-databases": (keys) => keys["primary"].databases.push("jobs"),
  "primary-maxConnections": (keys) => (keys["primary"].maxConnections = 300),
  "primary-allowFrom": (keys) => (keys["primary"].allowFrom = ["192.168.1.0/24"]),
  "primary-slotRetention": (keys) => (keys["primary"].slotRetention = "20GB"),
  "primary-password": (keys) => (keys["primary"].superuser = { password: secretsOfPreviews[2] }),
  "time-zone": (keys) => (keys["timeZone"] = "Europe/London"),
  "bind-address": (keys) => (keys["bindAddress"] = "127.0.0.2"),
  "pooler-port": (keys) => (keys["pooler"].port = 18324),
  "pooler-mode": (keys) => Object.assign(keys["pooler"], { mode: "session", maxClients: 2000 }),
  "pooler-removed": (keys) => delete keys["pooler"],
  "pgAdmin-port": (keys) => (keys["pgAdmin"].port = 18327),
  "pgAdmin-hostNames": (keys) => (keys["pgAdmin"].hostNames = ["nas.local"]),
  "pgAdmin-superuser": (keys) => (keys["pgAdmin"].superuser = true),
  "dumps-retention": (keys) =>
    Object.assign(keys["dumps"], { retentionDays: 14, retentionCount: 5 }),
  "dumps-schedule": (keys) => (keys["dumps"].schedule = "30 2 * * *"),
  "dumps-path": (keys) => (keys["dumps"].path = "/tmp/laterbase-t-words"),
  "duplicati-port": (keys) => (keys["duplicati"].port = 18323),
  "duplicati-target": (keys) =>
    (keys["duplicati"].target = `s3://b/f?auth-password=${secretsOfPreviews[3]}`),
  "duplicati-passphrase": (keys) => (keys["duplicati"].passphrase = secretsOfPreviews[2]),
  "duplicati-retention": (keys) => (keys["duplicati"].retention = "30D:1D"),
};
