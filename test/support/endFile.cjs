// Pulumi's SDK keeps an asynchronous context, and Jest makes one for each test file. Each that is left goes on to
// follow every promise of the files that come after it in the same worker.
afterAll(() => globalThis.asyncLocalStorage?.disable());
