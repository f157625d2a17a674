import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { imageLockName, lockedImage } from "../../contract/imageLock";
import type { ContainerRole } from "../../contract/names";
import type { StackContext } from "./context";
import type { Engine } from "./engine";
import { engineImage, needed, type ServiceImage } from "./image";
import { stepCommand } from "./localProgram";

interface ServiceImageArgs {
  /** What its resource is named after. */
  name: string;
  /** The role of the container that runs it. */
  role: ContainerRole;
  /** The image. */
  source: ServiceImage | undefined;
  /** The stack, with the engine that runs it. */
  stack: Pick<StackContext, "stack" | "engine">;
}

/**
 * Declares the image of a service on the engine that runs it, and returns what its container is created
 * from: a tag that we built, or the content that was pulled first.
 */
export function serviceImage(
  { name, role, source, stack: { stack, engine } }: ServiceImageArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const wanted = needed(name, source);
  const image = engineImage(`${name}-image`, wanted, engine.provider, { parent });
  if (!("pulled" in wanted)) return image.name;
  return imageLock({ role, pulled: wanted.pulled, image, engine, stack }, parent);
}

interface ImageLockArgs {
  /** The role of the container that runs it. `accept-image` takes it. */
  role: string;
  /** The image with its tag, as its makers name it. Another one is recorded anew. */
  pulled: string;
  /** The same image on the engine. */
  image: docker.RemoteImage;
  /** The engine. */
  engine: Pick<Engine, "host">;
  /** The stack's name, for the command in the error. */
  stack: string;
}

/**
 * Records which content an image had when the engine pulled it, and gives what a container is created
 * from: that content. When the engine has another one under the same tag, `up` fails, until
 * `accept-image` lets the record be made again.
 */
function imageLock(
  { role, pulled, image, engine, stack }: ImageLockArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const record = new command.local.Command(
    imageLockName(role),
    {
      create: stepCommand("imageLock", role, pulled, stack),
      environment: {
        LATERBASE_ENGINE: engine.host ?? "",
        // A refresh that finds another image runs the program again.
        LATERBASE_IMAGE_ID: image.imageId,
      },
      // The program compares with its last answer.
      addPreviousOutputInEnv: true,
    },
    { parent },
  );
  return record.stdout.apply((text) => lockedImage(text).reference);
}
