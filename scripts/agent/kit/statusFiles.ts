/** The files that the image's health check reads, in the agent's `run` folder. */
export const statusFiles = { status: "status", alive: "alive" } as const;
