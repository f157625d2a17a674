import type { AgentOverview, JobOverview } from "../../../../contract/agentOverview";
import { age, type Family, type Sample, seconds, single } from "./family";

/** What the agent knows. Names of pgbackrest_exporter where the meaning is the same. */
export function agentFamilies(agent: AgentOverview): Family[] {
  const { at, dumps, repositories = [], waitingWal, scheduler } = agent;
  const byRepository = (of: (one: (typeof repositories)[number]) => number | undefined): Sample[] =>
    repositories.map((one) => [{ repository: String(one.repository) }, of(one)]);
  return [
    ...jobFamilies(agent),
    {
      name: "laterbase_dump_age_seconds",
      help: "Age of the newest dump of the database.",
      samples: (dumps?.newest ?? []).map(({ database, takenAt }) => [
        { database },
        age(takenAt, at),
      ]),
    },
    {
      name: "laterbase_dump_size_bytes",
      help: "Size of the newest dump of the database.",
      samples: (dumps?.newest ?? []).map(({ database, bytes }) => [{ database }, bytes]),
    },
    {
      name: "laterbase_dumps",
      help: "Finished dumps that are kept.",
      samples: single(dumps?.count),
    },
    {
      name: "pgbackrest_repo_status",
      help: "0: good. 2: there is no backup. 99: it cannot be read.",
      samples: repositories.map(({ repository, problem, lastBackup }) => [
        { repo_key: String(repository) },
        problem !== undefined ? 99 : lastBackup === undefined ? 2 : 0,
      ]),
    },
    {
      name: "pgbackrest_backup_since_last_completion_seconds",
      help: "Seconds since the last backup of the type, or of one that has more.",
      samples: backupAges(agent),
    },
    {
      name: "laterbase_repository_newest_wal_age_seconds",
      help: "Age of the newest WAL in the repository.",
      samples: byRepository(({ newestWal }) => age(newestWal?.at, at)),
    },
    {
      name: "laterbase_repository_last_backup_age_seconds",
      help: "Age of the newest backup in the repository.",
      samples: byRepository(({ lastBackup }) => age(lastBackup?.at, at)),
    },
    {
      name: "laterbase_drill_age_seconds",
      help: "Age of the last drill from the repository that came to an end.",
      samples: byRepository(({ lastDrill }) => age(lastDrill?.at, at)),
    },
    {
      name: "laterbase_drill_success",
      help: "Whether that drill proved its restore.",
      samples: byRepository(({ lastDrill }) => lastDrill && Number(lastDrill.result === "success")),
    },
    {
      name: "laterbase_restore_seconds",
      help: "How long the last drill took until its server had replayed.",
      samples: byRepository(({ lastDrill }) => lastDrill?.restore?.seconds),
    },
    {
      name: "laterbase_restore_bytes",
      help: "How much the last drill restored.",
      samples: byRepository(({ lastDrill }) => lastDrill?.restore?.bytes),
    },
    {
      name: "laterbase_waiting_wal_segments",
      help: "WAL segments that are finished and not in every repository.",
      samples: single(waitingWal?.segments),
    },
    {
      name: "laterbase_scheduler_beat_age_seconds",
      help: "Seconds since the last sign of the scheduler.",
      samples: single(age(scheduler?.beatAt, at)),
    },
  ];
}

function jobFamilies({ jobs, running }: AgentOverview): Family[] {
  // Not `job`: Prometheus has its own label of that name.
  const each = (of: (job: JobOverview) => number | undefined): Sample[] =>
    jobs.map((job) => [{ name: job.name }, of(job)]);
  return [
    {
      name: "laterbase_job_last_success_timestamp_seconds",
      help: "When the job succeeded last, in seconds since 1970.",
      samples: each(({ success }) => seconds(success?.endedAt)),
    },
    {
      name: "laterbase_job_last_run_timestamp_seconds",
      help: "When the job ended last, in seconds since 1970.",
      samples: each(({ last }) => seconds(last?.endedAt)),
    },
    {
      name: "laterbase_job_last_run_failed",
      help: "Whether the last run of the job failed.",
      samples: each(({ last }) => last && Number(last.result === "failed")),
    },
    {
      name: "laterbase_job_last_run_seconds",
      help: "How long the last run of the job took.",
      samples: each(({ last }) => last && age(last.startedAt, last.endedAt)),
    },
    {
      name: "laterbase_job_due_timestamp_seconds",
      help: "When the job was due last, in seconds since 1970.",
      samples: each(({ due }) => seconds(due)),
    },
    {
      name: "laterbase_job_interval_seconds",
      help: "Seconds between two runs of the job.",
      samples: each(({ every }) => every),
    },
    {
      name: "laterbase_job_running",
      help: "Whether the job runs now, or waits for its turn.",
      samples: each(({ name }) => Number(running.some((one) => one.name === name))),
    },
  ];
}

const types = ["full", "diff", "incr"] as const;

/** A full backup is also the newest that a diff or an incr would need, as pgbackrest_exporter counts. */
function backupAges({ at, jobs, repositories = [] }: AgentOverview): Sample[] {
  const made = [
    ...repositories.flatMap(({ lastBackup }) => (lastBackup ? [lastBackup] : [])),
    ...types.flatMap((type) => {
      const success = jobs.find(({ name }) => name === `backup ${type}`)?.success;
      return success ? [{ type, at: success.endedAt }] : [];
    }),
  ];
  return types.map((type, index): Sample => {
    const enough: readonly string[] = types.slice(0, index + 1);
    const ages = made.flatMap((one) => (enough.includes(one.type) ? (age(one.at, at) ?? []) : []));
    return [{ backup_type: type }, ages.length === 0 ? undefined : Math.min(...ages)];
  });
}
