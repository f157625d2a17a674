/** What a container mounts. */
export interface StepMount {
  /** A volume's name, or a folder of the engine's machine, which begins with a slash. */
  source: string;
  /** Where it is in the container. */
  target: string;
  readOnly?: boolean;
}
