import { readFileSync } from "node:fs";
import { visible } from "../../contract/visible";
import { writeNote } from "./notes";
import { noteText, secretValues } from "./noteText";

// mergeNote.ts <stack> <file>: writes a file into the merge request of a GitLab job, as one note for each stack.
async function main([stack, file]: string[], env = process.env): Promise<number> {
  if (!stack || !file) throw new Error("It needs a stack and a file: mergeNote.ts <stack> <file>.");
  const [api, project, mergeRequest] = [
    "CI_API_V4_URL",
    "CI_PROJECT_ID",
    "CI_MERGE_REQUEST_IID",
  ].map((name) => env[name]);
  if (!api || !project || !mergeRequest)
    throw new Error(
      "This job does not belong to a merge request: CI_MERGE_REQUEST_IID is not set.",
    );
  const token = env["NOTE_TOKEN"];
  if (!token) {
    // A fork has no secrets. Its preview is in the job's log.
    console.error("NOTE_TOKEN is not set, so the merge request gets no note.");
    return 0;
  }
  const text = noteText(readFileSync(file, "utf8"), { stack, secrets: secretValues(env) });
  const done = await writeNote({ api, project, mergeRequest, token }, stack, text);
  console.error(`The note of stack ${visible(stack)} is ${done}.`);
  return 0;
}

void main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(visible(error.message));
    process.exit(1);
  },
);
