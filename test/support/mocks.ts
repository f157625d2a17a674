import * as pulumi from "@pulumi/pulumi";
import { pulumiPromises, skipSourcePositions } from "../../scripts/patches/pulumiPatches";

// Pulumi notes each of its promises, to report one that never ends. Here a test that waits for it fails. Without
// these notes a test of components takes three quarters of the time.
pulumiPromises().debuggablePromise = (promise) => promise;
skipSourcePositions();

/** What a component asked Pulumi to make. */
export interface Made {
  type: string;
  name: string;
  parent: string;
  inputs: Record<string, any>;
  opts: pulumi.CustomResourceOptions & pulumi.ComponentResourceOptions;
  /** The top-level inputs that are secret. */
  secrets: string[];
}

/**
 * Builds components under Pulumi's mocks and returns every resource that they declared, in the
 * order of their declaration. It proves what is asked for, not what a provider makes of it.
 */
export async function render(
  build: () => void | Promise<void>,
  { stack = "test", preview = false } = {},
): Promise<Made[]> {
  const declared: { args: pulumi.ResourceTransformationArgs }[] = [];
  const seen = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        seen.set(`${type}::${name}`, inputs);
        return { id: `${name}-id`, state: { ...plain(inputs), ...computed(type, name) } };
      },
      call: ({ inputs }) => inputs,
    },
    "laterbase",
    stack,
    preview,
    "organization",
  );
  const record: pulumi.ResourceTransformation = (args) => {
    declared.push({ args });
    return undefined;
  };
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(record);
    await build();
  });
  await pulumi.runtime.disconnect();
  return declared.map(({ args }) => {
    const inputs = seen.get(`${args.type}::${args.name}`) ?? {};
    return {
      type: args.type,
      name: args.name,
      parent: nameOf(args.opts.parent),
      inputs: plain(inputs),
      opts: args.opts,
      secrets: Object.keys(inputs).filter((key) => isWrapped(inputs[key])),
    };
  });
}

/** The one resource of that name. */
export function named(made: Made[], name: string): Made {
  const found = made.filter((one) => one.name === name);
  if (found.length !== 1) throw new Error(`${found.length} resources are named ${name}`);
  return found[0]!;
}

const nameOf = (parent?: pulumi.Resource): string =>
  (parent as unknown as { __name?: string } | undefined)?.__name ?? "";

/** What the providers compute, as far as the components use it. */
function computed(type: string, name: string): Record<string, string> {
  if (type === "random:index/randomPassword:RandomPassword")
    return { result: `password-of-${name}` };
  if (type === "random:index/randomId:RandomId")
    return { hex: "1a2b3c4d", b64Std: "AAECAwQFBgcICQoLDA0ODw==" };
  if (type === "command:local:Command" && /-(authority|certificate)$/.test(name))
    return {
      stdout: JSON.stringify({ certificate: `certificate-of-${name}`, key: `key-of-${name}` }),
    };
  if (type === "command:local:Command") return { stdout: `stdout-of-${name}` };
  return {};
}

const secretKey = "4dabf18193072939515e22adb298388d";

const isWrapped = (value: unknown): value is { value: unknown } =>
  typeof value === "object" && value !== null && secretKey in value;

function plain<T>(value: T): any {
  if (isWrapped(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** The value of an Output that is known. */
export function promiseOf<T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => void output.apply((value) => resolve(value as pulumi.Unwrap<T>)));
}
