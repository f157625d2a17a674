/** The stacks that documents share: the test that makes one, and its pages in their order. */
export interface DocumentRun {
  test: string;
  pages: readonly string[];
}

export const runs: Readonly<Record<string, DocumentRun>> = {
  /** A small stack in `npm test`. */
  readme: {
    test: "test/integration/docs.test.ts",
    pages: ["README.md"],
  },
  /** The stack of Pulumi.dev.yaml. */
  dev: {
    test: "test/trials/docs/dev.test.ts",
    pages: [
      "docs/tasks/first-restore.md",
      "docs/command.md",
      "docs/health.md",
      "docs/rotate.md",
      "docs/backups.md",
      "docs/dumps.md",
      "docs/security.md",
      "docs/failures.md",
      "docs/connections.md",
      "docs/tasks/point-in-time.md",
      "docs/tasks/primary-died.md",
      "docs/tasks/upgrade-laterbase.md",
      "docs/tasks/what-destroy-leaves.md",
    ],
  },
  /** A PostgreSQL in a container that is not Laterbase's. */
  studio: { test: "test/trials/docs/takeOver.test.ts", pages: ["docs/tasks/take-over.md"] },
  /** Two stacks of different majors. */
  majors: { test: "test/trials/docs/majors.test.ts", pages: ["docs/tasks/upgrade-a-major.md"] },
};
