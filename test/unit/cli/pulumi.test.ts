import { pulumi as cli } from "../../../scripts/cli/stack/pulumi";
import { FakePulumi } from "../../support/fakePulumi";

describe("the Pulumi CLI", () => {
  let pulumi: FakePulumi;
  beforeEach(() => {
    pulumi = new FakePulumi();
    pulumi.logIn();
  });
  afterEach(() => pulumi.remove());

  it("says why it ended, also where it has not read what it was given", async () => {
    pulumi.does("exec <&-; sleep 0.3; echo 'error: wrong key' >&2; exit 1");
    // More than a pipe holds.
    const input = "x".repeat(1 << 20);
    await expect(cli(["stack", "import"], "The state", { input })).rejects.toThrow(
      "The state cannot be read: wrong key.",
    );
  });
});
