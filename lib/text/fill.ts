/** Values by name for the placeholders of a text. */
export type Values<T> = Readonly<Record<string, T>>;

/**
 * Fills in a text.
 * @param what the text, for errors: "a script"
 * @param names of all values
 * @param fill replaces the placeholders, with a function that gives the value of one
 * @throws if the text has a placeholder for which nothing is given, or something is given for which it has none
 */
export function filled(
  what: string,
  names: readonly string[],
  fill: (valueOf: <T>(values: Values<T>, name: string) => T) => string,
): string {
  const unused = new Set(names);
  const text = fill((values, name) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`no value for ${name} of ${what}`);
    unused.delete(name);
    return value;
  });
  const [left] = unused;
  if (left !== undefined) throw new Error(`${what} has no placeholder for ${left}`);
  return text;
}

const plain = /^[\w%+=:,./-]+$/;

/** A text as one word of a shell command. */
export const shellWord = (text: string): string => (plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Fills in a script of `sh` whose placeholders are written `@name@`, each as one word. @throws as `filled` does */
export const fillScript = (script: string, values: Values<string | number>): string =>
  filled("a script", Object.keys(values), (valueOf) =>
    script.replace(/@([a-z]\w*)@/g, (_, name: string) => shellWord(String(valueOf(values, name)))),
  );
