import type { Engine } from "./engine";

/** What a component knows about its stack. Each component gets one as its argument `stack`. */
export interface StackContext {
  /** The project's name, `laterbase`. A change makes another stack. */
  project: string;
  /** The stack's name, such as `dev`. It is in labels, roles and records. */
  stack: string;
  /** What names of containers, volumes and networks begin with: `<project>-<stack>`. */
  prefix: string;
  /** An IANA time zone. A change replaces the containers and keeps the data. */
  timeZone: string;
  /** The IP address on which published ports listen. A change replaces the containers. */
  bindAddress: string;
  /** The engine that runs the component. A change makes everything again on the other one. */
  engine: Engine;
}
