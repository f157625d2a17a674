import { refuseSmallVolume } from "../../../scripts/cli/lost/lostRestore";
import type { RestoreContainer } from "../../../scripts/cli/restore/restoreContainer";
import { plannedFor } from "../../support/unit/plannedFor";

const plan = plannedFor({ kind: "latest" });
const long = { ...plan, wal: { ...plan.wal, segments: 5000 } };

it.each([
  ["a short way", plan, undefined, 1_601_989_888],
  ["a long way, with the usual limit of WAL", long, undefined, 6_292_899_482],
  ["a long way, with the limit of the stack file", long, 1000, 2_721_869_056],
])("the volume of a lost primary needs room for the data and their WAL: %s", async (...of) => {
  const [, planned, maxWal, needed] = of;
  const refuse = (free: number) =>
    refuseSmallVolume(
      {
        run: () => Promise.resolve({ code: 0, stdout: `Avail\n${free}\n`, stderr: "" }),
      } as unknown as RestoreContainer,
      planned,
      { volumes: { data: "d", conf: "c", repositories: "r" }, maxWal },
    );
  await expect(refuse(needed)).resolves.toBeUndefined();
  await expect(refuse(needed - 1)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(
      /^The data and their WAL need \d\.\d GB, and the volume d has \d\.\d GB free\.$/,
    ),
  });
});
