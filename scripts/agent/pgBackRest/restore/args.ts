import type { RestorePlanRequest } from "../../../../contract/restorePlan";
import { Failure } from "../../kit/failure";

const texts = ["set", "toTime", "toXid", "toLsn", "toName", "timeline"] as const;
const flags = ["immediate", "inPlace"] as const;

/** Checks the arguments that came over the socket. What they mean is checked with the target. */
export function readPlanArgs(args: Record<string, unknown>): RestorePlanRequest {
  const request: RestorePlanRequest = {};
  for (const key of texts) {
    const value = args[key] ?? undefined;
    if (value === undefined) continue;
    if (typeof value !== "string") throw new Failure(`"${key}" must be a text.`);
    request[key] = value;
  }
  for (const key of flags) {
    const value = args[key] ?? false;
    if (typeof value !== "boolean") throw new Failure(`"${key}" must be true or false.`);
    if (value) request[key] = value;
  }
  const repo = args["repo"] ?? undefined;
  if (repo === undefined) return request;
  const number = typeof repo === "string" && /^\d{1,3}$/.test(repo) ? Number(repo) : repo;
  if (typeof number !== "number" || !Number.isInteger(number)) {
    throw new Failure("A repository is given by its number, such as 1.");
  }
  return { ...request, repo: number };
}
