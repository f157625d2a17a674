import type { ExportedState } from "../../../scripts/cli/stack/exportedState";
import { imagesIn } from "../../../scripts/cli/stack/imageLocks";

const digest = `sha256:${"1".repeat(64)}`;
const urn = (name: string) => `urn:pulumi:dev::laterbase::command:local:Command::${name}`;
const command = "command:local:Command";

it("finds the records of pulled images in a state, and nothing else", () => {
  const state: ExportedState = {
    deployment: {
      resources: [
        {
          urn: urn("pgadmin-image-lock"),
          type: command,
          outputs: { stdout: `dpage/pgadmin4:9.17@${digest}` },
        },
        // Its first run failed.
        { urn: urn("scheduler-proxy-image-lock"), type: command },
        { urn: urn("pgadmin-ready"), type: command, outputs: { stdout: "running" } },
        {
          urn: "urn:pulumi:dev::laterbase::docker:index/remoteImage:RemoteImage::a-image-lock",
          type: "docker:index/remoteImage:RemoteImage",
        },
      ],
    },
  };
  expect(imagesIn(state)).toEqual([
    {
      urn: urn("pgadmin-image-lock"),
      role: "pgadmin",
      image: "dpage/pgadmin4:9.17",
      content: digest,
    },
    { urn: urn("scheduler-proxy-image-lock"), role: "scheduler-proxy", image: "", content: "" },
  ]);
  expect(imagesIn({ deployment: {} })).toEqual([]);
});
