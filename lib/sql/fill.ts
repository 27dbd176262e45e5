import { filled, type Values } from "../text/fill";
import { identifier, literal } from "./quote";

/** What goes into an SQL text. */
export interface SqlValues {
  /** For `:'name'`, as a string or a list of strings, and for `:"name"`, as an identifier. */
  readonly values?: Values<string | readonly string[]>;
  /** For `:name`: SQL, put in as it is. */
  readonly parts?: Values<string>;
}

/** The variables of psql; the colon of a cast or of a text before a space is none. */
const variable = /(?<![:\w]):(['"]?)([a-z]\w*)\1/g;

/**
 * Fills in an SQL text whose placeholders are written like psql's variables: `:'text'`, `:"identifier"` and `:sql`.
 * @throws as `filled` does
 */
export const fillSql = (text: string, { values = {}, parts = {} }: SqlValues): string =>
  filled("an SQL text", [...Object.keys(values), ...Object.keys(parts)], (valueOf) =>
    text.replace(variable, (_, quote: string, name: string) => {
      if (quote === "") return valueOf(parts, name);
      const all = [valueOf(values, name)].flat();
      return all.map(quote === "'" ? literal : identifier).join(", ");
    }),
  );
