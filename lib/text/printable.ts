/**
 * Characters that a terminal, a log or a file of lines takes for an order: the control characters of ASCII and of Latin-1 (of
 * which some terminals take U+009B for ESC [), the line and paragraph separators, and those that turn the direction of writing.
 */
const orders = "\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const one = new RegExp(`[${orders}]`);
const all = new RegExp(`[${orders}]`, "g");

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
};

/** True for text with such a character, a newline or a tab among them. */
export const hasControl = (text: string): boolean => one.test(text);

/** Text in one line, each such character written out: a newline as `\n`, ESC as `\x1b`. What a person reads stays as it is. */
export const oneLine = (text: string): string =>
  text.replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll(all, escaped);

/** Text of several lines: newlines stay, a tab becomes two blanks, every other such character is written out. */
export const printable = (text: string): string =>
  text
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", "  ")
    .replaceAll(all, (character) => (character === "\n" ? character : escaped(character)));

/** A JSON document without such characters, newlines between its parts left out: the same values, written with `\u`. */
export const printableJson = (document: string): string =>
  document.replaceAll(all, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
