import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { Diff, Failure, Props } from "./provider";
import { toStruct } from "./values";

const { Kind } = rpc.PropertyDiff;

/** The response to Check and CheckConfig. */
export function checkResponse(inputs: Props, failures: Failure[]): rpc.CheckResponse {
  const response = new rpc.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new rpc.CheckFailure();
      // The property field stays empty: the engine would print the property's value, which may be the
      // upload of a secret file.
      failure.setReason(`${property}: ${reason}`);
      return failure;
    }),
  );
  return response;
}

/** The response to Diff and DiffConfig, with a detailed diff for the engine to show. */
export function diffResponse(diff: Diff, olds: Props, news: Props): rpc.DiffResponse {
  const response = new rpc.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = rpc.DiffResponse.DiffChanges;
  response.setChanges(diff.changes ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList(diff.replaces);
  response.setDiffsList(diff.diffs);
  response.setDeletebeforereplace(diff.deleteBeforeReplace ?? false);
  response.setHasdetaileddiff(true);
  for (const key of new Set([...diff.diffs, ...diff.replaces])) {
    const detail = new rpc.PropertyDiff();
    detail.setKind(kindOf(key in olds, key in news, diff.replaces.includes(key)));
    response.getDetaileddiffMap().set(key, detail);
  }
  return response;
}

function kindOf(before: boolean, after: boolean, replace: boolean) {
  if (!before) return replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (!after) return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}
