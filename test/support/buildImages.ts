import { agentImage } from "../../images/build/agent";
import { ownPgAdminImage } from "../../images/build/pgAdmin";
import { poolerImage } from "../../images/build/pgBouncer";
import { postgresImage } from "../../images/build/postgres";
import { standIn } from "../../images/build/services";
import { socketProxyImage } from "../../images/build/socketProxy";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";
import { macImage } from "./macImage";

/**
 * Jest runs this once before the integration tests. Images are built side by side here, so that no
 * test waits for a build and no two tests make the same one. What is there already is not built again.
 */
export default async function buildImages(): Promise<void> {
  const engine = connect({});
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const build = (image: Parameters<typeof builtImage>[1]) => builtImage(engine, image, say);
  const withAgent = async (major: number) => {
    await build(postgresImage(major));
    await build(agentImage(major));
  };
  await Promise.all([
    withAgent(17),
    withAgent(13).then(macImage),
    build(postgresImage(15)),
    build(poolerImage()),
    build(ownPgAdminImage()),
    build(standIn("ofelia")),
    build(socketProxyImage()),
    build(standIn("duplicati")),
  ]);
}
