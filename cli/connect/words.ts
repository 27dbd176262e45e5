/** Lines under each other; undefined ones are left out. */
export const block = (...lines: readonly (string | undefined)[]): string =>
  lines.filter((line) => line !== undefined).join("\n");

/** A text literal of JavaScript, Python, Go, Java or Rust. */
export const literal = (text: string): string => JSON.stringify(text);
