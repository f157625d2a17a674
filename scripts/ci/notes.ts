import pRetry, { AbortError } from "p-retry";
import { markOf } from "./noteText";

/** Where the notes of a merge request are, and what may write there. */
export interface NotesPlace {
  /** GitHub calls a merge request a pull request, and a note a comment. */
  kind: "gitlab" | "github";
  /** Of the API, such as https://gitlab.example.com/api/v4. */
  api: string;
  /** GitLab: the number or the path. GitHub: `owner/name`. */
  project: string;
  mergeRequest: string;
  /** GitLab: a project token with the scope `api`. GitHub: one that may write to pull requests. */
  token: string;
}

/** Notes a page: the most of both. */
const perPage = 100;
/** Older notes than these are not looked through. */
const mostPages = 50;

interface Note {
  id: number;
  body: string;
  /** GitLab's own, such as one for a new commit. GitHub has none. */
  system?: boolean;
}

/** What differs between the two. */
interface Kind {
  name: string;
  /** The notes of a merge request, and one of them. */
  urls: (place: NotesPlace) => { all: string; one: (id: number) => string };
  headers: (token: string) => Record<string, string>;
  /** The order of the pages: GitHub knows none. */
  order: string;
  edit: "PUT" | "PATCH";
  refusals: Readonly<Record<number, string>>;
}

const kinds: Readonly<Record<NotesPlace["kind"], Kind>> = {
  gitlab: {
    name: "GitLab",
    urls: ({ api, project, mergeRequest }) => {
      const [id = "", request = ""] = [project, mergeRequest].map(encodeURIComponent);
      const all = `${api}/projects/${id}/merge_requests/${request}/notes`;
      return { all, one: (note) => `${all}/${note}` };
    },
    headers: (token) => ({ "PRIVATE-TOKEN": token }),
    order: "&sort=desc&order_by=created_at",
    edit: "PUT",
    refusals: {
      401: "GitLab refuses the token: NOTE_TOKEN has to be a project token with the scope api.",
      403: "GitLab lets the token write no notes: NOTE_TOKEN has to be a project token with the scope api and the role Reporter or more.",
      404: "GitLab finds no such merge request for this token.",
    },
  },
  github: {
    name: "GitHub",
    urls: ({ api, project, mergeRequest }) => {
      const repository = project.split("/").map(encodeURIComponent).join("/");
      const issues = `${api}/repos/${repository}/issues`;
      return {
        all: `${issues}/${encodeURIComponent(mergeRequest)}/comments`,
        one: (note) => `${issues}/comments/${note}`,
      };
    },
    headers: (token) => ({
      authorization: `Bearer ${token}`,
      accept: "application/vnd.github+json",
    }),
    order: "",
    edit: "PATCH",
    refusals: {
      401: "GitHub refuses the token: NOTE_TOKEN has to be the job's own token.",
      403: "GitHub lets the token write no comments: the job needs the permission `pull-requests: write`.",
      404: "GitHub finds no such pull request for this token.",
    },
  },
};

/**
 * Writes the note of a stack into a merge request. A note that is there already is edited in place, so that a request
 * with fifty pushes has one note.
 *
 * @returns what it did
 * @throws Error with one sentence, without the token
 */
export async function writeNote(
  place: NotesPlace,
  stack: string,
  body: string,
): Promise<"made" | "edited" | "unchanged"> {
  const found = await ownNote(place, stack);
  if (found && found.body.trim() === body.trim()) return "unchanged";
  const { urls, edit } = kinds[place.kind];
  const { all, one } = urls(place);
  await ask(place, found ? edit : "POST", found ? one(found.id) : all, { body });
  return found ? "edited" : "made";
}

async function ownNote(place: NotesPlace, stack: string): Promise<Note | undefined> {
  const mark = markOf(stack);
  for (let page = 1; page <= mostPages; page++) {
    const { urls, order } = kinds[place.kind];
    const query = `?per_page=${perPage}&page=${page}${order}`;
    const notes = (await ask(place, "GET", `${urls(place).all}${query}`)) as Note[];
    const own = notes.find(({ body, system }) => !system && body.startsWith(mark));
    if (own || notes.length < perPage) return own;
  }
  return undefined;
}

async function ask(
  { kind, token }: NotesPlace,
  method: "GET" | "POST" | "PUT" | "PATCH",
  url: string,
  content?: object,
): Promise<unknown> {
  const { name, headers, refusals } = kinds[kind];
  return pRetry(
    async () => {
      const answer = await fetch(url, {
        method,
        redirect: "error",
        signal: AbortSignal.timeout(30_000),
        headers: { ...headers(token), "content-type": "application/json" },
        ...(content ? { body: JSON.stringify(content) } : {}),
      });
      if (answer.ok) return answer.json();
      await answer.body?.cancel();
      const { status } = answer;
      const error = new Error(refusals[status] ?? `${name} answers with ${status}.`);
      // It may be busy. Any other refusal is the same a second time.
      throw status === 429 || status >= 500 ? error : new AbortError(error);
    },
    { retries: 4, minTimeout: 500, maxTimeout: 10_000 },
  ).catch((error: Error & { cause?: { code?: string } }) => {
    // fetch throws a TypeError where no answer came.
    const isSilent = error instanceof TypeError || error.name === "TimeoutError";
    const code = error.cause?.code ?? "no connection";
    throw new Error(isSilent ? `${name} cannot be reached (${code}).` : error.message, {
      cause: error,
    });
  });
}
