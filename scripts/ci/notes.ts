import pRetry, { AbortError } from "p-retry";
import { markOf } from "./noteText";

/** Where the notes of a merge request are, and what may write there. */
export interface NotesPlace {
  /** Of GitLab's API, such as https://gitlab.example.com/api/v4. */
  api: string;
  project: string;
  mergeRequest: string;
  /** A project token with the scope `api`. */
  token: string;
}

/** Notes a page: GitLab's most. */
const perPage = 100;
/** Older notes than these are not looked through. */
const mostPages = 50;

interface Note {
  id: number;
  body: string;
  system: boolean;
}

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
  await ask(place, found ? "PUT" : "POST", found ? `/${found.id}` : "", { body });
  return found ? "edited" : "made";
}

async function ownNote(place: NotesPlace, stack: string): Promise<Note | undefined> {
  const mark = markOf(stack);
  for (let page = 1; page <= mostPages; page++) {
    const query = `?per_page=${perPage}&page=${page}&sort=desc&order_by=created_at`;
    const notes = (await ask(place, "GET", query)) as Note[];
    const own = notes.find(({ body, system }) => !system && body.startsWith(mark));
    if (own || notes.length < perPage) return own;
  }
  return undefined;
}

async function ask(
  { api, project, mergeRequest, token }: NotesPlace,
  method: "GET" | "POST" | "PUT",
  rest: string,
  content?: object,
): Promise<unknown> {
  const words = [project, mergeRequest].map(encodeURIComponent);
  const url = `${api.replace(/\/+$/, "")}/projects/${words[0]}/merge_requests/${words[1]}/notes${rest}`;
  return pRetry(
    async () => {
      const answer = await fetch(url, {
        method,
        redirect: "error",
        signal: AbortSignal.timeout(30_000),
        headers: { "PRIVATE-TOKEN": token, "content-type": "application/json" },
        ...(content ? { body: JSON.stringify(content) } : {}),
      });
      if (answer.ok) return answer.json();
      await answer.body?.cancel();
      const { status } = answer;
      const error = new Error(refusal(status));
      // GitLab may be busy. Any other refusal is the same a second time.
      throw status === 429 || status >= 500 ? error : new AbortError(error);
    },
    { retries: 4, minTimeout: 500, maxTimeout: 10_000 },
  ).catch((error: Error & { cause?: { code?: string } }) => {
    // fetch throws a TypeError where no answer came.
    const isSilent = error instanceof TypeError || error.name === "TimeoutError";
    const code = error.cause?.code ?? "no connection";
    throw new Error(isSilent ? `GitLab cannot be reached (${code}).` : error.message, {
      cause: error,
    });
  });
}

const refusals: Readonly<Record<number, string>> = {
  401: "GitLab refuses the token: NOTE_TOKEN has to be a project token with the scope api.",
  403: "GitLab lets the token write no notes: NOTE_TOKEN has to be a project token with the scope api and the role Reporter or more.",
  404: "GitLab finds no such merge request for this token.",
};

const refusal = (status: number) => refusals[status] ?? `GitLab answers with ${status}.`;
