import { z } from "zod";
import type { BackupSet } from "../../components/backup/retention";
import { tierNames } from "../../components/backup/tiers";
import { Failure } from "../../tools/failure";
import { backrest, type RepositoryRef } from "./command";

/** A backup as `info` tells of it. */
export interface ListedSet extends BackupSet {
  readonly startedAt: number;
  /** Bytes of the cluster. */
  readonly size: number;
  /** Bytes that this backup added to the repository. */
  readonly added: number;
  /** First and last WAL segment that it needs. */
  readonly wal: { readonly start: string; readonly stop: string };
  readonly stopLsn: string;
  /** Folder of the WAL archive of its cluster, for example `15-1`: a repository may have seen several clusters. */
  readonly archiveId: string;
  /** Id of the canary that was written just before it. */
  readonly canary?: string;
}

/** A stanza with its backups, oldest first. */
export interface Catalog {
  readonly sets: readonly ListedSet[];
  /** Folder of the WAL archive of today's cluster; absent before the first segment. */
  readonly archiveId?: string;
}

/** What pgBackRest itself calls a backup. It stands in paths: a repository that names one otherwise is none of pgBackRest's. */
const labelForm = /^\d{8}-\d{6}F(_\d{8}-\d{6}[DI])?$/;

/** Number of a cluster in its repository. */
const cluster = z.object({ id: z.int() });

const infoSchema = z.array(
  z.object({
    status: z.object({ code: z.number(), message: z.string() }),
    archive: z.array(z.object({ id: z.string().regex(/^\d+-\d+$/), database: cluster })).default([]),
    backup: z
      .array(
        z.object({
          label: z.string().regex(labelForm),
          database: cluster,
          type: z.enum(["full", "diff", "incr"]),
          error: z.boolean().nullish(),
          reference: z.array(z.string()).nullish(),
          annotation: z.record(z.string(), z.string()).nullish(),
          archive: z.object({ start: z.string().nullable(), stop: z.string().nullable() }),
          lsn: z.object({ stop: z.string() }),
          info: z.object({ size: z.number(), repository: z.object({ delta: z.number() }) }),
          timestamp: z.object({ start: z.number(), stop: z.number() }),
        }),
      )
      .default([]),
  }),
);

type Listed = z.output<typeof infoSchema>[number]["backup"][number];
type Archived = z.output<typeof infoSchema>[number]["archive"][number];

function setOf(one: Listed, archives: readonly Archived[]): ListedSet {
  const tier = tierNames.find((name) => name === one.annotation?.["tier"]);
  const canary = one.annotation?.["canary"];
  return {
    label: one.label,
    kind: one.type,
    needs: one.reference ?? [],
    startedAt: one.timestamp.start * 1000,
    stoppedAt: one.timestamp.stop * 1000,
    sound: one.error !== true,
    size: one.info.size,
    added: one.info.repository.delta,
    wal: { start: one.archive.start ?? "", stop: one.archive.stop ?? "" },
    stopLsn: one.lsn.stop,
    archiveId: archives.find(({ database }) => database.id === one.database.id)?.id ?? "",
    ...(tier === undefined ? {} : { tier }),
    ...(canary === undefined ? {} : { canary }),
  };
}

/** pgBackRest's own words are the bytes that it could not decipher. */
const undecipherable = 99;

const reasonOf = (status: { readonly code: number; readonly message: string } | undefined): string => {
  if (status === undefined) return "it has no such stanza";
  return status.code === undecipherable ? "its key is wrong, or its index is damaged" : status.message;
};

/** Reads the output of `pgbackrest info --output=json`. Throws where the repository cannot be read. */
export function parseCatalog(json: string): Catalog {
  // With a wrong key, its messages quote bytes that no JSON may hold.
  const printable = json.replace(/[\p{Cc}\p{Cs}]/gu, " ");
  const [stanza] = infoSchema.parse(JSON.parse(printable));
  // 0 ok, 2 no valid backup; all else says that the stanza or its key is wrong.
  if (stanza === undefined || ![0, 2].includes(stanza.status.code))
    throw new Failure(`the repository cannot be read: ${reasonOf(stanza?.status)}`);
  const archiveId = stanza.archive.at(-1)?.id;
  return {
    sets: stanza.backup
      .map((one) => setOf(one, stanza.archive))
      .toSorted((left, right) => left.stoppedAt - right.stoppedAt),
    ...(archiveId === undefined ? {} : { archiveId }),
  };
}

/** The backups of a repository. */
export const readCatalog = async (at: RepositoryRef): Promise<Catalog> =>
  parseCatalog(await backrest(at, ["--output=json", "--log-level-console=error", "info"]));
