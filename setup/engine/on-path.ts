import { realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { readText, writeWhole } from "../../lib/files";
import { isExecutable, onPath, type Locations } from "../../lib/paths";
import { capture } from "../../lib/process/attended";
import type { Reporter } from "../../lib/reporter";
import type { Engine } from "./types";
import { atLeast, oldestEngine } from "./version";

const recordSchema = z.object({ key: z.string(), version: z.string(), usable: z.boolean() });

/** `pulumi` on PATH when it is new enough and has a language host for Node; what was learnt is kept until the file changes. */
export function findOnPath(at: Locations, reporter: Reporter): Engine | undefined {
  // Our own engine is on the PATH of everything that it runs: that one is not the user's.
  const path = onPath("pulumi", at.cache);
  if (path === undefined) return undefined;
  const file = statSync(path);
  const key = `${realpathSync(path)} ${file.size} ${file.mtimeMs}`;
  const record = readRecord(at, key) ?? examine(at, { path, key }, reporter);
  return record.usable ? { path, version: record.version, source: "found on PATH" } : undefined;
}

const recordFile = (at: Locations): string => join(at.cache, "engine", "on-path.json");

function readRecord(at: Locations, key: string): z.output<typeof recordSchema> | undefined {
  const text = readText(recordFile(at));
  const record = text === undefined ? undefined : recordSchema.safeParse(JSON.parse(text)).data;
  return record?.key === key ? record : undefined;
}

function examine(
  at: Locations,
  found: { path: string; key: string },
  reporter: Reporter,
): z.output<typeof recordSchema> {
  const answer = capture({ program: found.path, args: ["version"], timeout: 20_000 });
  const version = answer.stdout.trim().replace(/^v/, "");
  const host = "pulumi-language-nodejs";
  const hasHost =
    isExecutable(join(dirname(found.path), host)) ||
    isExecutable(join(dirname(realpathSync(found.path)), host)) ||
    onPath(host, at.cache) !== undefined;
  const usable = answer.code === 0 && atLeast(version, oldestEngine) && hasHost;
  if (!usable) {
    const why = hasHost ? `is ${version || "broken"}; ${oldestEngine} or newer is needed` : `has no ${host} next to it`;
    reporter.note(`${found.path} ${why}: not used`);
  }
  const record = { key: found.key, version, usable };
  writeWhole(recordFile(at), JSON.stringify(record));
  return record;
}
