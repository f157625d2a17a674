import type { Failure, Props } from "../protocol/provider";
import { hasUnknown, isObject, isUnknown } from "../protocol/values";
import { CONTAINER_FIELDS } from "./containerFields";
import { parseDuration } from "./durations";
import { isEmpty, unknownKeys } from "./fields";
import { nameFailure } from "./network";
import { uploadFailures } from "./uploads";

/** What is wrong with the inputs of a container. */
export function containerFailures(news: Props): Failure[] {
  return [
    ...nameFailure(news),
    ...unknownKeys(CONTAINER_FIELDS, news, "docker"),
    ...(isEmpty(news.image) ? [{ property: "image", reason: "an image is required" }] : []),
    ...restartFailures(news.restart),
    ...commandFailures(news.command),
    ...healthcheckFailures(news.healthcheck),
    ...volumeFailures(list(news.volumes)),
    ...uploadFailures(list(news.uploads).filter((upload) => !hasUnknown(upload))),
  ];
}

function list(value: unknown): Props[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function restartFailures(restart: unknown): Failure[] {
  const known = ["no", "on-failure", "always", "unless-stopped"];
  if (restart === undefined || isUnknown(restart) || known.includes(restart as string)) return [];
  return [{ property: "restart", reason: `must be one of ${known.join(", ")}` }];
}

function commandFailures(command: unknown): Failure[] {
  const bad = Array.isArray(command) && command.includes("");
  return bad ? [{ property: "command", reason: "values for command may not be empty" }] : [];
}

function healthcheckFailures(check: unknown): Failure[] {
  if (!isObject(check)) return [];
  return ["interval", "timeout", "startPeriod", "startInterval"]
    .filter((key) => check[key] !== undefined && !isUnknown(check[key]))
    .filter((key) => parseDuration(check[key]) === undefined)
    .map((key) => ({ property: `healthcheck.${key}`, reason: "must be a duration such as 1m30s" }));
}

function volumeFailures(volumes: Props[]): Failure[] {
  const bad = volumes.filter(
    ({ containerPath, fromContainer }) => Boolean(containerPath) === Boolean(fromContainer),
  );
  return bad.map(() => ({
    property: "volumes",
    reason: "an entry needs a container path or a source container, and not both",
  }));
}
