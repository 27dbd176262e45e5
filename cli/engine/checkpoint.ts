import { join } from "node:path";

/** A stack in a file backend. */
export interface Known {
  /** Folder of the backend. */
  readonly backend: string;
  readonly stack: string;
}

/** Name of a stack without the organization and project that qualify it. */
export const shortName = (stack: string): string => stack.split("/").at(-1) ?? stack;

/** Where the engine keeps the state of the stack. */
export const checkpointFile = ({ backend, stack }: Known): string =>
  join(backend, ".pulumi", "stacks", "howdah", `${shortName(stack)}.json`);
