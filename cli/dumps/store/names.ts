import type { BackupKind } from "../../../contracts/tiers";

export type LogicalKind = Extract<BackupKind, "dump" | "schema">;

/** What the name of a logical backup says. */
export interface BackupName {
  readonly database: string;
  readonly kind: LogicalKind;
  /** Whole seconds. */
  readonly startedAt: Date;
}

const pattern = /^(.+)-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-(dump|schema)$/;
const endings = /\.(?:dump\.age|json)$/;

/** Such as `app-20261125T160512Z-dump`: names of one database sort by time. */
export function formatName({ database, kind, startedAt }: BackupName): string {
  const stamp = startedAt.toISOString().replace(/\.\d+/, "").replaceAll(/[-:]/g, "");
  // A database may be called anything, even "../x".
  return `${encodeURIComponent(database)}-${stamp}-${kind}`;
}

/** Undefined for whatever is not a name of a backup. */
export function parseName(name: string): BackupName | undefined {
  const [, database = "", year, month, day, hours, minutes, seconds, kind] = pattern.exec(name) ?? [];
  const startedAt = new Date(
    `${year ?? ""}-${month ?? ""}-${day ?? ""}T${hours ?? ""}:${minutes ?? ""}:${seconds ?? ""}Z`,
  );
  if ((kind !== "dump" && kind !== "schema") || Number.isNaN(startedAt.getTime())) return undefined;
  const parsed = { database: decoded(database), kind, startedAt } as const;
  return formatName(parsed) === name ? parsed : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The object that holds a backup's encrypted archive. */
export const dataName = (name: string): string => `${name}.dump.age`;

/** The object that makes it a backup; written last. */
export const manifestName = (name: string): string => `${name}.json`;

/** Name of the backup that an object of a store belongs to; undefined for what is not ours. */
export function backupOf(object: string): string | undefined {
  const name = object.replace(endings, "");
  return name !== object && parseName(name) !== undefined ? name : undefined;
}
