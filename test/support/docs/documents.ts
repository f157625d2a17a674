import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Block, blocksOf } from "./blocks";

/** What users read: every page whose commands are run, or carry a reason. */
export const documents = execFileSync(
  "git",
  [
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
    "README.md",
    "examples/*.md",
    "docs/*.md",
  ],
  { encoding: "utf8" },
)
  .trim()
  .split("\n");

export const textOf = (page: string): string => readFileSync(page, "utf8");

export const blocksIn = (page: string): Block[] => blocksOf(page, textOf(page));
