/** A failure somewhere inside a running service, as a promise that its command can wait for beside the signal to stop. */

export type Failure = { readonly failed: Promise<never>; fail(error: unknown): void };

export function createFailure(): Failure {
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever waits sees the rejection; without anybody waiting yet it must not count as unhandled.
  failed.catch(() => undefined);
  return { failed, fail };
}
