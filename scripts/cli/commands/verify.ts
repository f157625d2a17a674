import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { repositoryOption } from "../terminal/repositoryOption";
import { askRepositories } from "./check";

export const verify: OperatorCommand = {
  name: "verify",
  description: "read everything in each repository against its checksums, and look for missing WAL",
  example: "verify --repo 1",
  documented: "docs/backups.md#check-and-verify",
  options: [repositoryOption()],
  exits: { 1: "no repository is good", 3: "some repositories are good, and others are not" },
  run: (session: Session, options: { repo?: number }) =>
    askRepositories(session, "verify-backups", options),
};
