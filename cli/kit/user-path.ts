import { resolve } from "node:path";

/** A path as the user meant it: the servers' user, who does the work, stands in another folder. */
export const userPath = (text: string): string => resolve(process.env["HOWDAH_CWD"] ?? process.cwd(), text);
