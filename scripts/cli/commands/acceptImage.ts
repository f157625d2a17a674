import { Argument } from "commander";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { acceptNext, recordedImages } from "../stack/imageLocks";
import { upCommand } from "../stack/outputs";
import { CliError } from "../terminal/cliError";

export const acceptImage: OperatorCommand = {
  name: "accept-image",
  description: "let the next 'up' take what the engine has under the tag of a pulled image",
  example: "accept-image pgadmin",
  documented: "docs/security.md#pulled-images",
  arguments: [new Argument("<role>", "whose image: its container's name without the stack's")],
  run: accept,
};

async function accept(session: Session, role: string): Promise<void> {
  const { stack } = session;
  const images = await recordedImages(stack);
  const found = images.find((one) => one.role === role);
  if (!found) {
    const roles = images.map((one) => one.role).sort();
    throw new CliError(
      roles.length > 0
        ? `The stack ${stack} has no pulled image of ${JSON.stringify(role)}: there are ${roles.join(", ")}.`
        : `The stack ${stack} has pulled no image.`,
      roles.length > 0 ? 2 : 4,
    );
  }
  await acceptNext(stack, found);
  const { image, content } = found;
  session.show(
    { role, image, forgotten: content },
    () =>
      `The record of ${image} (${content}) is given up: '${upCommand(stack)}' records what the engine has under that tag then.`,
  );
}
