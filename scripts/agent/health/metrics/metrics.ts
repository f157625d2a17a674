import { Registry } from "prom-client";
import type { Check, CheckStatus, Verdict } from "../../../../contract/health/check";
import { disksIn } from "../../../../contract/health/checks";
import { isUnknown } from "../../../../contract/health/facts";
import type { Snapshot } from "../kit/snapshot";
import { agentFamilies } from "./backups";
import { type Family, register, type Sample, seconds, single } from "./family";
import { poolerFamilies } from "./pooler";
import { serverFamilies } from "./servers";

/** What `GET /metrics` answers is of this type. */
export const metricsType = Registry.PROMETHEUS_CONTENT_TYPE;

/** Alert rules compare with these numbers, so they stay. The worse, the higher. */
const statusNumber: Readonly<Record<CheckStatus, number>> = {
  ...{ good: 0, pending: 1, unknown: 2, degraded: 3, failed: 4 },
};
const verdictNumber: Readonly<Record<Verdict, number>> = { healthy: 0, degraded: 1, unhealthy: 2 };

/**
 * What is known, in the text that Prometheus reads. What is not known is absent, and never 0.
 *
 * @param lookedAgo seconds since the last look
 */
export async function metricsOf(snapshot: Snapshot, lookedAgo = 0): Promise<string> {
  const registry = new Registry();
  const leftOut = register(registry, familiesOf(snapshot, lookedAgo));
  register(registry, [
    {
      name: "laterbase_metrics_left_out",
      help: "Values that are not here, because a metric has 500 already.",
      samples: single(leftOut),
    },
  ]);
  return registry.metrics();
}

function familiesOf({ at, facts, checks, judged }: Snapshot, lookedAgo: number): Family[] {
  const { pooler, agent } = facts;
  return [
    {
      name: "laterbase_verdict",
      help: "0: healthy. 1: degraded. 2: unhealthy.",
      samples: single(verdictNumber[judged.verdict]),
    },
    {
      name: "laterbase_looked_timestamp_seconds",
      help: "When everything was looked at last, in seconds since 1970.",
      samples: single(seconds(at)),
    },
    {
      name: "laterbase_look_age_seconds",
      help: "Seconds since everything was looked at last, by a clock that nobody sets.",
      samples: single(lookedAgo),
    },
    ...checkFamilies(checks),
    ...serverFamilies(facts),
    ...(pooler ? poolerFamilies(pooler) : []),
    ...(agent
      ? [
          {
            name: "laterbase_agent_up",
            help: "Whether the agent answered the last look.",
            samples: single(isUnknown(agent) ? 0 : 1),
          },
        ]
      : []),
    ...(agent && !isUnknown(agent) ? agentFamilies(agent) : []),
    ...otherFamilies(facts),
  ];
}

function checkFamilies(checks: readonly Check[]): Family[] {
  // Of two with one name the worse one counts, and the last one stays.
  const ordered = [...checks].sort((a, b) => statusNumber[a.status] - statusNumber[b.status]);
  const byName = [...new Map(ordered.map((check) => [check.name, check])).values()];
  const measured = byName.map(({ name, unit = "", value, threshold }) => {
    const labels = { check: name, unit };
    return { value: [labels, value] as Sample, threshold: [labels, threshold] as Sample };
  });
  return [
    {
      name: "laterbase_check_status",
      help: "0: good. 1: pending. 2: unknown. 3: degraded. 4: failed.",
      // The worst first: where there are too many, good ones are left out.
      samples: byName.reverse().map(({ name, status }) => [{ check: name }, statusNumber[status]]),
    },
    {
      name: "laterbase_check_info",
      help: "The command that repairs what is not good, or shows more, as a label. Always 1.",
      samples: byName.flatMap(({ name, status, command }): Sample[] =>
        command === undefined || statusNumber[status] < statusNumber.unknown
          ? []
          : [[{ check: name, command }, 1]],
      ),
    },
    {
      name: "laterbase_check_since_timestamp_seconds",
      help: "Since when the check is as it is, in seconds since 1970.",
      samples: byName.map(({ name, since }) => [{ check: name }, seconds(since)]),
    },
    {
      name: "laterbase_check_value",
      help: "What the check measured, in the unit of its label.",
      samples: measured.map(({ value }) => value),
    },
    {
      name: "laterbase_check_threshold",
      help: "From which value on the check is not good, in the unit of its label.",
      samples: measured.map(({ threshold }) => threshold),
    },
  ];
}

function otherFamilies(facts: Snapshot["facts"]): Family[] {
  const { services = {}, certificates = {}, imageBuiltAt } = facts;
  const disks = disksIn(facts);
  return [
    {
      name: "laterbase_disk_size_bytes",
      help: "Size of the file system.",
      samples: disks.map(({ holds, bytes }) => [{ holds }, bytes]),
    },
    {
      name: "laterbase_disk_free_bytes",
      help: "Free room on the file system.",
      samples: disks.map(({ holds, free }) => [{ holds }, free]),
    },
    {
      name: "laterbase_service_up",
      help: "Whether the service accepts connections.",
      samples: Object.entries(services).map(([service, seen]) => [
        { service },
        isUnknown(seen) ? 0 : 1,
      ]),
    },
    {
      name: "laterbase_certificate_expiry_timestamp_seconds",
      help: "When the certificate expires, in seconds since 1970.",
      samples: Object.entries(certificates).map(([certificate, { until }]) => [
        { certificate },
        seconds(until),
      ]),
    },
    {
      name: "laterbase_image_built_timestamp_seconds",
      help: "When the image of the monitor and the agent was built, in seconds since 1970.",
      samples: single(seconds(imageBuiltAt)),
    },
  ];
}
