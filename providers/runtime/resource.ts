import type { z } from "zod";

/** Properties of a resource as the engine sends them; secrets arrive unwrapped, the engine marks them again by name. */
export type Properties = Record<string, unknown>;

/** What the engine sends for a value that is not known before `up`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True if `value` is, or holds, a value that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** What a provider may make a physical name of, where the program gives none. */
export interface Naming {
  /** Logical name of the resource. */
  readonly name: string;
  /** Inputs that the resource was made from; empty if it is new, and if it is to be replaced. */
  readonly old: Properties;
  /** What the stack's `pulumi:autonaming` asks for; `undefined` without such a setting. */
  readonly proposed: string | undefined;
  /** True if `pulumi:autonaming` forbids to make names up. */
  readonly disabled: boolean;
  /** The same seed gives the same name; empty if the engine sends none. */
  readonly seed: Uint8Array;
}

/** What an operation may use of its environment. */
export interface Context {
  /** Logical name of the resource. */
  readonly name: string;
  /** Aborted when the user cancels; long waits end by it. */
  readonly signal: AbortSignal;
  /** A line that stays in the engine's log. */
  info(message: string): void;
  /** A warning that stays in the engine's log and is shown in the summary. */
  warn(message: string): void;
  /** What is going on now; the next one takes its place on a terminal. */
  progress(message: string): void;
}

/** One property that differs, and what that means. */
export interface Change {
  readonly property: string;
  readonly kind: "update" | "replace";
  /** True if it is the world that differs (drift), not the program. */
  readonly drift?: boolean;
}

/** State of a resource as it was recorded, with the inputs it was made from. */
export interface Recorded<I, S> {
  readonly id: string;
  readonly inputs: I;
  readonly state: S;
}

/**
 * One resource type. `I` are its inputs, `S` is what is recorded. Every operation may be repeated: a `create` that finds
 * its work half done by a run that was killed completes it.
 */
export interface Resource<I extends object, S extends object> {
  /** Validates inputs and fills in defaults; strict, so that an unknown property is refused by name. */
  readonly schema: z.ZodType<I>;
  /** Whether a replacement has to delete first (a port, a path: things that exist once). Default false. */
  readonly deleteBeforeReplace?: boolean | ((old: Recorded<I, S>, news: I) => boolean);
  /** Ask the engine to read before each `up`, so that drift is found without `--refresh`. Default false. */
  readonly refreshBeforeUpdate?: boolean;
  /** What a property stands for where it is absent from what was recorded, or null. Default: nothing. */
  readonly empty?: Partial<S>;
  /** Adds what the provider makes up if the program gives nothing: a physical name. Runs before the schema. */
  complete?(news: Properties, naming: Naming): Properties;
  /** Checks that zod can't express; runs once everything is known. */
  validate?(inputs: I): Promise<Failure[]> | Failure[];
  /** Throws if the change must not be made, at preview too; may look at the world, and changes nothing. Runs before `diff`. */
  refuse?(old: Recorded<I, S>, news: I, context: Context): Promise<void>;
  diff(old: Recorded<I, S>, news: I): Change[];
  create(inputs: I, context: Context): Promise<{ id: string; state: S }>;
  /**
   * What is known of the state before `up`; with `Plugin.previews` only. Default: the inputs.
   * @param old undefined for a resource to be made
   */
  preview?(old: Recorded<I, S> | undefined, news: I): Properties;
  /** What is there now; undefined if it is gone. */
  read(old: Recorded<I, S>, context: Context): Promise<S | undefined>;
  update(old: Recorded<I, S>, news: I, context: Context): Promise<S>;
  delete(old: Recorded<I, S>, context: Context): Promise<void>;
}

/** One refused property. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** Resource types of different shapes in one table; each entry was type-checked where it was defined. */
export type AnyResource = Resource<Properties, Properties>;

/** Forgets the shapes of a resource type, for the table of a plugin. */
export function resource<I extends object, S extends object>(definition: Resource<I, S>): AnyResource {
  return definition as unknown as AnyResource;
}

/** A provider plugin: a package name, and the resource types in it by token. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly resources: Readonly<Record<string, AnyResource>>;
  /**
   * True if `Resource.preview` is to be asked. Without it a preview of a changed resource knows none of its computed
   * properties, and shows changes in whatever depends on them.
   */
  readonly previews?: boolean;
  /**
   * True if an official plugin on Pulumi's Terraform bridge has the same resource types, and takes over our state as we take
   * over its: the id is among the outputs then. Default false.
   */
  readonly bridged?: boolean;
  /** Receives the provider's own configuration, before any other call but `check`. */
  configure?(config: Properties): Promise<void>;
  /** Answers a data source. Throws for a token that it does not have; absent if there are none. */
  invoke?(token: string, args: Properties): Promise<Properties>;
  /** Refuses a wrong provider configuration. */
  checkConfig?(config: Properties): Failure[];
  /** Ends what the plugin holds open. */
  close?(): Promise<void>;
}

/** Changes of all inputs that are not deep-equal; `replacing` names those that force a replacement. */
export function changedInputs<I extends object>(
  old: I,
  news: I,
  replacing: readonly (keyof I & string)[] = [],
): Change[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(news)]) as Set<keyof I & string>;
  return [...keys]
    .filter((key) => !sameValue(old[key], news[key]))
    .map((property) => ({ property, kind: replacing.includes(property) ? "replace" : "update" }));
}

/** Deep equality of JSON values; an absent key equals undefined. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Properties;
  const right = b as Properties;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameValue(left[key], right[key]));
}
