import { plainErrors } from "../../../scripts/wrapper/plainErrors";

it("leaves a step's own sentences, without what Pulumi adds to them", () => {
  expect(
    plainErrors([
      'exit status 1: running "node --require tsx/cjs scripts/steps/look.ts laterbase-dev":\nThe port is taken.\n',
      "update failed",
    ]),
  ).toEqual(["The port is taken."]);
});

it("shows all where nothing else was said", () => {
  expect(plainErrors(['exit status 1: running "x":', "update failed"])).toEqual([
    'exit status 1: running "x":',
    "update failed",
  ]);
  expect(plainErrors([])).toEqual([]);
});
