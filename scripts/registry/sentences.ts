import { visible } from "../../contract/visible";
import type { Pushed } from "../engine/pushedImage";
import { unreachable } from "../engine/unreachable";

/** An image, and what its registry has under the tag. */
export interface Asked {
  /** Without the tag. */
  name: string;
  found: Pushed;
}

interface Where {
  /** The registry's host. */
  server: string;
  tag: string;
  /** Whether Docker's own configuration has a login for it. */
  loggedIn: boolean;
  /** The engine that asked. */
  host: string | undefined;
}

/** A sentence for each reason why nobody knows the content of images. */
export function sentencesOf(
  asked: readonly Asked[],
  { server, tag, loggedIn, host }: Where,
): { refused: string[]; unknown: string[] } {
  const names = (no: string) =>
    asked
      .filter(({ found }) => "no" in found && found.no === no)
      .map(({ name }) => `${name}:${tag}`)
      .join(", ");
  const errorOf = (no: string) =>
    asked.map(({ found }) => found).find((found) => "error" in found && found.no === no);
  const key = `${server}, the registry of laterbase:images.registry,`;
  const [missing, refused, silent, engine] = ["missing", "refused", "silent", "engine"].map(names);
  // Some registries ask for a login in a way that an engine reports as any other failure, or hide what it would show.
  const hint = loggedIn ? "" : ` ('docker login ${server}' was not run here)`;
  const why = errorOf("silent");
  const gone = errorOf("engine");
  return {
    refused: missing
      ? [
          `laterbase:images.tag must be a tag that a pipeline has pushed; ${server} has no ${missing}${hint}.`,
        ]
      : [],
    unknown: [
      refused && `${key} does not let this login read ${refused}: run 'docker login ${server}'.`,
      silent && why && "error" in why
        ? `${key} did not say what it has as ${silent}: ${said(why.error)}${hint}.`
        : "",
      engine && gone && "error" in gone
        ? `${key} could not be asked for ${engine}. ${unreachable(host, gone.error)}`
        : "",
    ].flatMap((sentence) => sentence || []),
  };
}

/**
 * A sentence for the images that are built for other architectures than the engine's.
 *
 * @param own the engine's, such as `arm64`. Empty where nobody could say it
 */
export function foreignOnes(asked: readonly Asked[], own: string): string[] {
  const foreign = asked.flatMap(({ name, found }) =>
    "digest" in found && found.architectures.length > 0 && !found.architectures.includes(own)
      ? [{ name, built: found.architectures }]
      : [],
  );
  if (own === "" || foreign.length === 0) return [];
  const built = [...new Set(foreign.flatMap((one) => one.built))].map(visible).join(", ");
  const names = foreign.map(({ name }) => name).join(", ");
  return [
    `${names} ${foreign.length === 1 ? "is" : "are"} built for ${built}, and the stack's engine is ${visible(own)}: such an image starts only ` +
      `where that engine emulates the other one, and then slowly. Let the pipeline build on an engine for ${visible(own)}.`,
  ];
}

/** The engine's words, without what the HTTP client puts before them. */
const said = (error: Error) =>
  visible(error.message.replace(/^\(HTTP code \d+\) [^-]* - /, "").trim()).replace(/\.$/, "");
