import { agentImage } from "../../../images/build/agent";
import { ownObjectStoreImage } from "../../../images/build/objectStore";
import { ownPgAdminImage } from "../../../images/build/pgAdmin";
import { poolerImage } from "../../../images/build/pgBouncer";
import { postgresImage } from "../../../images/build/postgres";
import { standIn } from "../../../images/build/services";
import { socketProxyImage } from "../../../images/build/socketProxy";

describe("what a registry calls an image", () => {
  it("says what runs in it, and the major where there is one", () => {
    const all = [
      postgresImage(17),
      agentImage(13),
      poolerImage(),
      socketProxyImage(),
      standIn("ofelia"),
      standIn("duplicati"),
      ownPgAdminImage(),
      ownObjectStoreImage(),
    ];
    expect(all.map(({ name }) => name)).toEqual([
      "postgres-17",
      "agent-13",
      "pgbouncer",
      "socket-proxy",
      "ofelia-stand-in",
      "duplicati-stand-in",
      "pgadmin",
      "versitygw",
    ]);
  });

  it("says the extensions, in whatever order they stand", () => {
    const [one, other] = [
      ["postgis", "pgvector"],
      ["pgvector", "postgis"],
    ];
    expect(postgresImage(17, one).name).toBe("postgres-17.pgvector.postgis");
    expect(agentImage(17, other).name).toBe("agent-17.pgvector.postgis");
  });

  // A registry takes neither, and two dots could be two names or one.
  it.each([
    [["pg.stat"]],
    [["pg_stat"]],
    [["a-"]],
    [["a+b"]],
    [Array.from({ length: 20 }, (_, i) => `extension-${i}`)],
  ])("is a hash of the extensions %j, which a registry would not take", (list) => {
    const { name } = postgresImage(17, list);
    expect(name).toMatch(/^postgres-17\.[0-9a-f]{12}$/);
    expect(postgresImage(17, list.toReversed()).name).toBe(name);
  });

  it("differs between lists of extensions that have the same letters", () => {
    const names = [["a.b"], ["a", "b"], ["a-b"], ["a_b"]].map(
      (list) => postgresImage(17, list).name,
    );
    expect(new Set(names).size).toBe(4);
  });
});
