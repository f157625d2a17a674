/**
 * Parts of dockerode that nothing here uses, BuildKit's session and its own way over SSH: left out before it
 * is loaded, they cost no preview their time.
 */
for (const part of ["dockerode/lib/session", "docker-modem/lib/ssh"]) {
  const id = require.resolve(part);
  const module = { id, filename: id, loaded: true, exports: undefined } as unknown as NodeJS.Module;
  require.cache[id] ??= module;
}
