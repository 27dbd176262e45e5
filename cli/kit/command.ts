import type { LocalStackFile, RemoteStackFile } from "../../contracts/stack-file";
import type { Reporter } from "../../lib/reporter";
import type { Answer, Context, Outcome } from "./answer";
import type { InputOf, Specs } from "./options";

/** Groups of `howdah --help`, in this order, with their titles. Internal verbs are for howdah's own services, and hidden. */
export const groups = {
  stack: "Stack",
  backups: "Backups",
  database: "Databases",
  cluster: "Cluster",
  internal: "Internal",
} as const;

export type Group = keyof typeof groups;

/** Kinds of stack file: of a cluster of this machine, and of a cloud's database. */
interface StackFiles {
  readonly cluster: LocalStackFile;
  readonly database: RemoteStackFile;
}

/**
 * What a verb works on: stack files of these kinds; the stack itself, by the sources and the engine, which only a checkout has; or what
 * its options name.
 */
export type On = readonly (keyof StackFiles)[] | "checkout" | "options";

/** What a verb on a stack file gets. If root runs it, it works as the owner of the file. */
export interface FileScope<J> {
  readonly job: J;
  readonly jobFile: string;
  readonly context: Context;
}

/** What a verb of the checkout is given. It is ended by Ctrl-C as any program is: the engine winds up by itself. */
export interface CheckoutScope {
  readonly stack: string;
  readonly reporter: Reporter;
  /** True if standard output is for one JSON document: the engine's own words then go to standard error. */
  readonly json: boolean;
}

export interface OptionsScope {
  readonly context: Context;
}

export type ScopeOf<O extends On> = O extends readonly (keyof StackFiles)[]
  ? FileScope<StackFiles[O[number]]>
  : O extends "checkout"
    ? CheckoutScope
    : OptionsScope;

/** How `--help` describes a verb. */
interface Description {
  readonly name: string;
  readonly group: Group;
  /** One line for the list of all verbs. */
  readonly summary: string;
  /** More for the verb's own `--help`; default: the summary. */
  readonly description?: string;
  /** What its exit codes mean if that is more than what they mean in general. */
  readonly codes?: Partial<Record<Outcome, string>>;
  /** Exits right after the answer, even if checks that timed out are still open. */
  readonly endsAtOnce?: boolean;
}

interface Definition<O extends On, A extends Specs, P extends Specs> extends Description {
  readonly on: O;
  /** By position, in this order. */
  readonly arguments?: A;
  readonly options?: P;
  /**
   * The work; a number is the exit code of a verb that has printed its own. Loads the modules that do it by `import()`, so that every
   * other verb starts fast.
   */
  readonly run: (scope: ScopeOf<O>, input: InputOf<A> & InputOf<P>) => Promise<Answer | number>;
}

/** A verb of the `howdah` command, as the registry holds it. */
export interface Verb extends Description {
  readonly on: On;
  readonly arguments: Specs;
  readonly options: Specs;
  /** Its parameters are those of its definition. */
  readonly run: (scope: never, input: never) => Promise<Answer | number>;
}

/** Defines a verb; `cli/registry.ts` lists it. */
export const defineCommand = <const O extends On, A extends Specs = never, P extends Specs = never>(
  definition: Definition<O, A, P>,
): Verb => ({ ...definition, arguments: definition.arguments ?? {}, options: definition.options ?? {} });
