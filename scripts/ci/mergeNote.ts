import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { visible } from "../../contract/visible";
import { type NotesPlace, writeNote } from "./notes";
import { masked, mostCharacters, noteText, secretValues } from "./noteText";
import { program } from "./program";

// mergeNote.ts <stack> <file>: writes a file into the merge request of a GitLab job, or into the pull request of a job
// of GitHub, as one note for each stack.
program(async ([stack, file], env) => {
  if (!stack || !file) throw new Error("It needs a stack and a file: mergeNote.ts <stack> <file>.");
  const secrets = secretValues(env, (name) => (existsSync(name) ? readFileSync(name, "utf8") : ""));
  const written = masked(readFileSync(file, "utf8"), secrets);
  // First, because the file is an artifact whatever happens, which more people read than the job's variables.
  writeFileSync(file, written);
  const place = placeOf(env);
  const text = noteText(written, {
    ...{ stack, secrets, most: mostCharacters[place.kind] },
  });
  // GitHub shows it on the page of the run, also where no comment may be written.
  if (env["GITHUB_STEP_SUMMARY"]) appendFileSync(env["GITHUB_STEP_SUMMARY"], text);
  if (!place.token) {
    // A fork has no secrets. Its preview is in the job's log.
    console.error("NOTE_TOKEN is not set, so the merge request gets no note.");
    console.error(text);
    return 0;
  }
  const done = await writeNote(place, stack, text);
  console.error(`The note of stack ${visible(stack)} is ${done}.`);
  return 0;
});

function placeOf(env: NodeJS.ProcessEnv): NotesPlace {
  const of = (...names: string[]) => names.map((name) => env[name] ?? "");
  const [token = ""] = of("NOTE_TOKEN");
  if (env["GITHUB_API_URL"]) {
    const [api = "", project = "", ref = ""] = of(
      ...["GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_REF"],
    );
    const [, mergeRequest] = /^refs\/pull\/(\d+)\//.exec(ref) ?? [];
    if (!mergeRequest)
      throw new Error("This job does not belong to a pull request: GITHUB_REF names none.");
    return { kind: "github", api: bare(api), project, mergeRequest, token };
  }
  const [api = "", project = "", mergeRequest = ""] = of(
    ...["CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID"],
  );
  if (!api || !project || !mergeRequest)
    throw new Error(
      "This job does not belong to a merge request: CI_MERGE_REQUEST_IID is not set.",
    );
  return { kind: "gitlab", api: bare(api), project, mergeRequest, token };
}

const bare = (url: string) => url.replace(/\/+$/, "");
