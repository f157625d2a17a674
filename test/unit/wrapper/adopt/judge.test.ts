import type { FoundThing } from "../../../../scripts/wrapper/engines/found";
import { recordedIn } from "../../../../scripts/wrapper/engines/recorded";
import { judge } from "../../../../scripts/wrapper/adopt/judge";
import { exportedState, pending } from "../../../support/unit/exportedEngines";

const found = (kind: FoundThing["kind"], name: string, id = name, host = ""): FoundThing => ({
  ...{ kind, name, id, host },
  ...(kind === "container" ? { started: true } : {}),
});
const network = found("network", "laterbase-dev", "n-local");
const primary = found("container", "laterbase-dev-primary", "c-primary");

it("finds nothing where the engine has what the state says", () => {
  const volume = found("volume", "laterbase-dev-primary-data");
  expect(judge([network, primary, volume], recordedIn(exportedState()))).toEqual({
    ...{ halfMade: [], unknown: [], blank: false },
  });
});

it("takes a container with another id for this stack's own in this stack's network", () => {
  const again = found("container", "laterbase-dev-primary", "c-other");
  expect(judge([network, again], recordedIn(exportedState()))).toEqual({
    ...{ halfMade: [again], unknown: [], blank: false },
  });
});

it("takes it for another stack's where the network of that name is another one", () => {
  const theirs = found("network", "laterbase-dev", "n-theirs");
  const again = found("container", "laterbase-dev-primary", "c-other");
  expect(judge([theirs, again], recordedIn(exportedState()))).toMatchObject({
    halfMade: [],
    unknown: [theirs, again],
  });
});

it("decides engine by engine", () => {
  const here = found("container", "laterbase-dev-pooler", "c-1");
  const there = found("container", "laterbase-dev-standby", "c-2", "ssh://nas.local");
  expect(judge([network, here, there], recordedIn(exportedState()))).toMatchObject({
    halfMade: [here],
    unknown: [there],
  });
});

it("knows what a killed run was making, before anything else is there", () => {
  const resources = exportedState().deployment.resources.slice(0, 2);
  const begun = {
    deployment: {
      resources,
      pending_operations: [
        pending("creating", "network", "laterbase-dev"),
        pending("deleting", "container", "laterbase-dev-agent"),
      ],
    },
  };
  const agent = found("container", "laterbase-dev-agent");
  expect(judge([network, agent], recordedIn(begun as never))).toEqual({
    ...{ halfMade: [network], unknown: [agent], blank: false },
  });
});

it("does not go by what a killed run was making when a later one has finished it", () => {
  const { resources } = exportedState().deployment;
  const state = {
    deployment: {
      resources,
      pending_operations: [pending("creating", "container", "laterbase-dev-primary")],
    },
  };
  const theirs = found("network", "laterbase-dev", "n-theirs");
  const again = found("container", "laterbase-dev-primary", "c-other");
  expect(judge([theirs, again], recordedIn(state as never))).toMatchObject({
    halfMade: [],
    unknown: [theirs, again],
  });
});

it("does not know a container that was deleted to be replaced", () => {
  const state = exportedState();
  const resources = state.deployment.resources.map((one) =>
    one["id"] === "c-primary" ? { ...one, pendingReplacement: true } : one,
  );
  const recorded = recordedIn({ deployment: { resources } });
  expect(recorded.things.map(({ id }) => id)).not.toContain("c-primary");
  const again = found("container", "laterbase-dev-primary", "c-again");
  expect(judge([network, again], recorded).halfMade).toEqual([again]);
});

it("never counts a volume as half made, and calls an empty state blank", () => {
  const volume = found("volume", "laterbase-dev-standby-data");
  expect(judge([network, volume], recordedIn(exportedState()))).toMatchObject({
    ...{ halfMade: [], unknown: [] },
  });
  expect(judge([volume], recordedIn({ deployment: { resources: [] } }))).toEqual({
    ...{ halfMade: [], unknown: [volume], blank: true },
  });
  expect(judge([], recordedIn({}))).toEqual({ halfMade: [], unknown: [], blank: true });
});
