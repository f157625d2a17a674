import type { FoundThing } from "../../../../scripts/wrapper/engines/found";
import { inTheWay, lostState, nothingToAdopt } from "../../../../scripts/wrapper/adopt/refusals";

const found = (kind: FoundThing["kind"], name: string): FoundThing => ({
  ...{ kind, name, id: name, host: "" },
});
const things = [
  found("volume", "laterbase-dev-primary-data"),
  found("container", "laterbase-dev-primary"),
  found("container", "laterbase-dev-agent"),
  found("network", "laterbase-dev"),
];

it("names what a lost state left, and the ways out", () => {
  expect(lostState(things, "dev").message.split("\n")).toEqual([
    "The state of stack dev is empty, and Docker has things of a stack of this name: the containers laterbase-dev-agent, laterbase-dev-primary and the network laterbase-dev and the volume laterbase-dev-primary-data.",
    "Nothing was changed.",
    "If the state was lost, put it back from a backup. Without a backup, 'npm start -- --adopt' makes the containers anew, keeps every volume with its data, and sets new passwords.",
    "If another user's stack has this name, give yours another one.",
  ]);
});

it("names what is in the way, and how to remove it by hand", () => {
  expect(inTheWay(things.slice(1, 2), "prod").message.split("\n")).toEqual([
    "Docker has the container laterbase-dev-primary already, and the state of stack prod does not know it.",
    "Nothing was changed, because another user's stack of this name may have made it.",
    "Give your stack another name. If nobody needs it, run 'docker rm --force laterbase-dev-primary', which leaves the volumes, and then 'npm run pulumi -- up --stack prod'.",
  ]);
});

it("says where nothing is to be adopted", () => {
  expect(nothingToAdopt("dev").sentences).toEqual([
    "There is nothing to adopt: the state of stack dev knows its own containers and volumes, or there are none.",
    "Run 'npm start' without --adopt.",
  ]);
});
