import { identifier, literal } from "./quote";

/** What goes into an SQL text. */
export interface SqlValues {
  /** For `:'name'`, as a string or a list of strings, and for `:"name"`, as an identifier. */
  readonly values?: Readonly<Record<string, string | readonly string[]>>;
  /** For `:name`: SQL, put in as it is. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** The variables of psql; the colon of a cast or of a text before a space is none. */
const variable = /(?<![:\w]):(['"]?)([a-z]\w*)\1/g;

/**
 * Fills in an SQL text whose placeholders are written like psql's variables: `:'text'`, `:"identifier"` and `:sql`.
 * @throws if the text has a placeholder for which nothing is given, or something is given for which it has none
 */
export function fillSql(text: string, { values = {}, parts = {} }: SqlValues): string {
  const unused = new Set([...Object.keys(values), ...Object.keys(parts)]);
  const found = <T>(from: Readonly<Record<string, T>>, name: string): T => {
    const value = Object.hasOwn(from, name) ? from[name] : undefined;
    if (value === undefined) throw new Error(`nothing is given for ${name} of an SQL text`);
    unused.delete(name);
    return value;
  };
  const filled = text.replace(variable, (_, quote: string, name: string) => {
    if (quote === "") return found(parts, name);
    const all = [found(values, name)].flat();
    return all.map(quote === "'" ? literal : identifier).join(", ");
  });
  const [left] = unused;
  if (left !== undefined) throw new Error(`an SQL text has no place for ${left}`);
  return filled;
}
