import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { LocalStackFile } from "../../../contracts/stack-file";
import { writeWhole } from "../../../lib/files";

/** A switch that has begun: on disk before its first step, gone after its last. Whatever finds it completes it. */
const intentSchema = z.strictObject({
  /** Server whose files are exchanged; the others are cloned from it. */
  server: z.string(),
  /** Folder of the restored files. */
  restored: z.string(),
  /** The files are another cluster's: the repository's stanza has to be upgraded first. */
  foreign: z.boolean().default(false),
  /** What is left to do: all of it, or only the first backup of the restored cluster, which any backup is. */
  left: z.enum(["files", "backup"]).default("files"),
});

export type SwitchIntent = z.output<typeof intentSchema>;

const intentFile = ({ folders }: LocalStackFile): string => join(folders.work, "switch.json");

/** The switch that was begun and not completed. */
export async function unfinishedSwitch(job: LocalStackFile): Promise<SwitchIntent | undefined> {
  const text = await readFile(intentFile(job), "utf8").catch(() => undefined);
  return text === undefined ? undefined : intentSchema.parse(JSON.parse(text));
}

/** Writes down what is to be done, instead of what was. */
export const writeSwitch = (job: LocalStackFile, intent: SwitchIntent): void => {
  writeWhole(intentFile(job), JSON.stringify(intent), 0o600);
};

/** Nothing is left to do. */
export const endSwitch = (job: LocalStackFile): Promise<void> => rm(intentFile(job), { force: true });
