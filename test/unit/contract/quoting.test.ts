import { spawnSync } from "node:child_process";
import { shellRemark } from "../../../contract/quoting";

describe("a remark in a command", () => {
  it("is one word, readable, without a character that a shell reads", () => {
    expect(shellRemark('role x may not connect to "été 1"')).toBe(
      `'role x may not connect to "été 1"'`,
    );
    expect(shellRemark("a'b\\c\n$(d)`e`;f!g")).toBe("'a?b?c??(d)?e?;f?g'");
  });

  // A login shell on the primary's machine need not be bash.
  it.each(["sh", "bash"])("runs nothing in %s", (shell) => {
    const remark = shellRemark("x\n echo pwned \\' ; echo pwned ; ' $(echo pwned) `echo pwned`");
    const { stdout } = spawnSync(shell, ["-c", `printf '[%s]' ${remark}`], { encoding: "utf8" });
    expect(stdout).toBe("[x? echo pwned ?? ; echo pwned ; ? ?(echo pwned) ?echo pwned?]");
  });
});
