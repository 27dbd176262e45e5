type Formatter = NonNullable<typeof Error.prepareStackTrace>;

/**
 * A formatter that leaves out traces that are not read. Pulumi asks for one, of an error without a message, at every
 * resource and promise, and its ts-node maps each of their frames to a line of TypeScript: a second of a local stack's
 * preview. Whatever is thrown has a message, and keeps its trace.
 */
export const onlyThrown =
  (mapped: Formatter): Formatter =>
  (error, sites): unknown =>
    error.message === "" ? error.name : mapped(error, sites);

/** Puts it into use, unless the user looks for leaked promises: that report is made of these traces. */
export function leaveOutTraces(): void {
  const mapped = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")?.value as Formatter | undefined;
  if (mapped === undefined || process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined) return;
  Error.prepareStackTrace = onlyThrown(mapped);
}
