/** What tells two states of a file apart without reading it. */
export function stateOf(path: string): string;

/** Where `setup/build.ts` records what a bundle was made from. @param output relative to `root` @param root default: the checkout */
export function recordOf(output: string, root?: string): string;

/** True if a bundle was made from its inputs as they are now. */
export function isCurrent(output: string, root?: string): boolean;

/** What a program exports: that of its bundle, which is made again first if a source has changed. @throws if it cannot be made */
export function load(output: string): unknown;
