import type { FastifyInstance } from "fastify";
import { addJob, changeJob, shown } from "./jobs";
import { HttpError, type Job } from "./shapes";
import type { Store } from "./store";
import type { Tasks } from "./tasks";

/** A request, as far as the routes read it. */
interface Call {
  params: { id: string };
  query: { pagesize?: string };
  body: unknown;
}

/** The part of Duplicati's `/api/v1` that Laterbase uses. */
export function addRoutes(
  app: FastifyInstance,
  { store, tasks }: { store: Store; tasks: Tasks },
): void {
  /** A route whose response is what `answer` returns; undefined means an empty body. */
  const on = (
    method: "GET" | "POST" | "PUT" | "DELETE",
    url: string,
    answer: (call: Call) => unknown,
  ) =>
    app.route({
      method,
      url,
      handler: (request, reply) => void reply.send(answer(request as Call)),
    });
  const jobOf = ({ params }: Call): Job => {
    const job = store.job(params.id);
    if (!job) throw new HttpError(404, "Backup not found");
    return job;
  };

  on("GET", "/backups", () =>
    store.content.jobs.map((job) => ({ Backup: shown(job), Schedule: job.Schedule })),
  );
  on("POST", "/backups", ({ body }) => ({ ID: addJob(store, body).ID, Temporary: false }));
  on("GET", "/backup/:id", (call) => {
    const job = jobOf(call);
    return { Schedule: job.Schedule, Backup: shown(job), DisplayNames: {} };
  });
  on("PUT", "/backup/:id", (call) => changeJob(store, jobOf(call), call.body));
  on("DELETE", "/backup/:id", (call) => {
    store.content.jobs.splice(store.content.jobs.indexOf(jobOf(call)), 1);
    store.save();
    return { Status: "OK", Reason: null, ID: null };
  });
  for (const action of ["run", "start"]) {
    on("POST", `/backup/:id/${action}`, (call) => ({ Status: "OK", ID: tasks.run(jobOf(call)) }));
  }
  on("GET", "/backup/:id/isactive", (call) => ({
    Status: "OK",
    Active: tasks.isActive(jobOf(call)),
  }));
  on("GET", "/backup/:id/log", (call) => {
    const size = Math.max(10, Math.min(500, Number(call.query.pagesize ?? 100)));
    return store.history(jobOf(call)).log.toReversed().slice(0, size);
  });
  on("POST", "/backup/:id/updatedb", (call) => {
    const { path = "" } = (call.body ?? {}) as { path?: string };
    if (path === "") throw new HttpError(400, "No target path supplied");
    jobOf(call).DBPath = path;
    store.save();
  });

  on("GET", "/tasks", () => tasks.queue());
  on("GET", "/task/:id", ({ params }) => tasks.state(Number(params.id)));
  for (const action of ["stop", "abort"]) {
    on("POST", `/task/:id/${action}`, ({ params }) => tasks.stop(Number(params.id)));
  }
  on("GET", "/serverstate", () => tasks.serverState());
  on("POST", "/serverstate/:id", ({ params }) => tasks.pause(params.id === "pause"));
  on("GET", "/progressstate", () => tasks.progressState());
}
