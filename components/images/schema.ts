import { z } from "zod";
import { strict } from "../schema/strict";

const registry =
  "must be a registry, and the path of a project in it where it has one, without https:// and without a tag, " +
  "such as registry.example.com/group/project";
const tag =
  "must be a tag that the pipeline has pushed, such as the commit 3f2a9c1; a tag of digits stands in quotes";

/** A host that Docker does not take for a user of Docker Hub, and path components as registries allow them. */
const place =
  /^(localhost|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+|[a-z0-9]([a-z0-9-]*[a-z0-9])?(?=:))(:[0-9]{1,5})?(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/** A tag as registries allow it. Pulumi's own `config set --path` writes one of digits as a number. */
const Tag = z
  .union([z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, tag), z.int().min(0, tag)], {
    error: tag,
  })
  .transform(String)
  .meta({ values: "tag" });

/** `laterbase:images`. */
export const imagesSchema = strict({
  registry: z.string({ error: registry }).max(180, registry).regex(place, registry).meta({
    values: "host, with port and path where it has them",
    description:
      "The registry that the engines pull the images of Laterbase's own from, with the path that `scripts/ci/images.sh` pushed them to. Docker's own configuration has the login, as `docker login` writes it.",
    change:
      "A change pulls every image from there. Containers are made again where the content is another.",
    example: "registry.example.com/group/project",
  }),
  tag: Tag.meta({
    description:
      "The tag of all these images: a commit, or a word that moves, such as `latest`, which each pipeline of a protected branch or tag moves. Each `up` asks the registry which content it has, and runs that content by its digest.",
    change:
      "A change pulls the images whose content is another, and makes their containers again. The data stay.",
    example: "3f2a9c1",
  }),
});

/** The registry's images as configured. */
export type ImagesConfig = z.output<typeof imagesSchema>;
