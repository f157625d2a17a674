import { InvalidArgumentError, Option } from "commander";

/** One repository in place of all of them. */
export function repositoryOption(): Option {
  return new Option(
    "--repo <number>",
    "one repository by its number; by default each of them",
  ).argParser(repositoryNumber);
}

function repositoryNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1) return number;
  throw new InvalidArgumentError("It must be the number of a repository, such as 1.");
}
