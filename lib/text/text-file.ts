import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A text that stands in a file of its own, SQL or a script, without the newline at its end.
 *
 * Called as `textFile(__dirname, "name.sql")`, with the name as it is: in a bundle there is no such file, and `setup/build.ts` puts
 * the text in the place of the call.
 */
export const textFile = (folder: string, name: string): string =>
  readFileSync(join(folder, name), "utf8").replace(/\n$/, "");
