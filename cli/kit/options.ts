/** An argument or option of a verb. `T` is what the verb is given. */
export interface Spec<T> {
  /** For `--help`; lower case, without a full stop. */
  readonly about: string;
  /** Placeholder of an option's value, such as `<time>`; a flag has none. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** Default: the text as it is. @throws InvalidArgumentError */
  readonly parse?: (text: string) => unknown;
  readonly isRequired?: boolean;
  /** May be repeated. */
  readonly isList?: boolean;
  /** An argument that is all of the command line behind the verb. */
  readonly isRest?: boolean;
  /** The default for `--help`, if it has one. */
  readonly shown?: string;
  /** What the verb is given if it is not named. */
  readonly unset: T;
}

/** Specs by name: `toTime` is the option `--to-time`. */
export type Specs = Readonly<Record<string, Spec<unknown>>>;

/** What a verb is given for its specs; `never` stands for none. */
export type InputOf<S extends Specs> = [S] extends [never]
  ? unknown
  : { readonly [K in keyof S]: S[K] extends Spec<infer T> ? T : never };

export const flag = (about: string): Spec<boolean> => ({ about, unset: false });

/** @param value placeholder of its value, such as `<time>` */
export function option(value: string, about: string): Spec<string | undefined>;
export function option<T>(value: string, about: string, parse: (text: string) => T): Spec<T | undefined>;
export function option(value: string, about: string, parse?: (text: string) => unknown): Spec<unknown> {
  return { value, about, unset: undefined, ...(parse === undefined ? {} : { parse }) };
}

/** An argument by position. */
export const argument = (about: string): Spec<string | undefined> => ({ about, unset: undefined });

export const list = (value: string, about: string): Spec<readonly string[]> => ({
  value,
  about: `${about}; may be repeated`,
  isList: true,
  unset: [],
});

/** One of some words. */
export const oneOf = <const C extends readonly string[]>(
  spec: Spec<string | undefined>,
  choices: C,
): Spec<C[number] | undefined> => ({ ...spec, choices, unset: undefined });

/** The verb does not run without it. */
export const required = <T>(spec: Spec<T | undefined>): Spec<T> =>
  // `unset` is never seen: the command line is refused before.
  ({ ...spec, isRequired: true, unset: undefined as T });

/** @param shown the default for `--help` */
export const withDefault = <T>(spec: Spec<T | undefined>, unset: T, shown = String(unset)): Spec<T> => ({
  ...spec,
  unset,
  shown,
});

/** All words that follow, as they are: options of howdah's are none among them. */
export const rest = (about: string): Spec<readonly string[]> => ({ about, isRest: true, unset: [] });
