import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSegment } from "../../pgbackrest/wal";

/**
 * Files of `pg_wal` that a server with its archiver off has left unarchived, and that a later recovery from an older backup
 * needs: the history of the timeline that it began, by which recovery finds the newer ones, and all but the last of its segments;
 * the next timeline begins with a copy of that one.
 * @param names what is in `pg_wal`
 */
export function unarchived(names: readonly string[]): string[] {
  const timelineOf = (name: string): number => parseInt(name.slice(0, 8), 16);
  const histories = names.filter((name) => /^[0-9A-F]{8}\.history$/.test(name)).toSorted();
  const newest = histories.at(-1);
  if (newest === undefined) return [];
  const segments = names.filter((name) => /^[0-9A-F]{24}$/.test(name) && timelineOf(name) === timelineOf(newest));
  return [
    newest,
    ...segments.toSorted((left, right) => parseSegment(left).ordinal - parseSegment(right).ordinal).slice(0, -1),
  ];
}

/** Tells the archiver of the next start on these files what is left for it to do. */
export async function markForArchive(dataDirectory: string, lastUsed: string): Promise<void> {
  const folder = join(dataDirectory, "pg_wal");
  const used = parseSegment(lastUsed).ordinal;
  // Segments after the one in use are old ones, recycled for later.
  const names = (await readdir(folder)).filter(
    (name) => !/^[0-9A-F]{24}$/.test(name) || parseSegment(name).ordinal <= used,
  );
  for (const name of unarchived(names))
    await writeFile(join(folder, "archive_status", `${name}.ready`), "", { mode: 0o600 });
}
