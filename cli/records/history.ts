import { appendFile, open } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { readText } from "../../lib/system/files";

/** Appends one line, on disk when this returns: a line that a killed process broke off is ended first. */
export async function appendHistory(folder: string, name: string, entry: object): Promise<void> {
  const file = join(folder, name);
  const before = await readText(file).catch(() => "");
  const broken = before !== "" && !before.endsWith("\n") ? "\n" : "";
  await appendFile(file, `${broken}${JSON.stringify(entry)}\n`, { mode: 0o600 });
  const handle = await open(file);
  await handle.sync();
  await handle.close();
}

/** Every line that fits the schema, oldest first. */
export async function readHistory<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readText(join(folder, name)).catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      const { success, data } = schema.safeParse(JSON.parse(line));
      return success ? [data] : [];
    } catch {
      return [];
    }
  });
}
