import { z } from "zod";
import type { BackupSet } from "../../components/backup/retention";
import { tierNames } from "../../contracts/tiers";
import { Failure } from "../../lib/errors";
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

const statusSchema = z.object({ code: z.number(), message: z.string() });

/** What pgBackRest itself calls a backup. It stands in paths: a repository that names one otherwise is none of pgBackRest's. */
const labelForm = /^\d{8}-\d{6}F(_\d{8}-\d{6}[DI])?$/;

/** Number of a cluster in its repository. */
const cluster = z.object({ id: z.int() });

const infoSchema = z.array(
  z.object({
    status: statusSchema,
    repo: z.array(z.object({ status: statusSchema })).default([]),
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

type Stanza = z.output<typeof infoSchema>[number];
type Listed = Stanza["backup"][number];
type Archived = Stanza["archive"][number];

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

/** pgBackRest's status for all other trouble; its words on that, which may be bytes that it could not decipher, are the repository's. */
const otherTrouble = 99;

/** An error of the system: `unable to open file '/…' for read: [13] Permission denied`. */
const systemError = /unable to [^\n]*: \[\d+\] [A-Z][A-Za-z ]+/;

function reasonOf(stanza: Stanza | undefined): string {
  if (stanza === undefined) return "it has no such stanza";
  const { status, repo } = stanza;
  if (status.code !== otherTrouble) return status.message;
  const refused = repo.map((one) => systemError.exec(one.status.message)?.[0]).find((text) => text !== undefined);
  return refused ?? "its key is wrong, or its index is damaged";
}

/** Reads the output of `pgbackrest info --output=json`. Throws if the repository cannot be read. */
export function parseCatalog(json: string): Catalog {
  // With a wrong key, its messages quote bytes that no JSON may hold.
  const printable = json.replace(/[\p{Cc}\p{Cs}]/gu, " ");
  const [stanza] = infoSchema.parse(JSON.parse(printable));
  // 0 ok, 2 no valid backup; all else says that the stanza or its key is wrong.
  if (stanza === undefined || ![0, 2].includes(stanza.status.code))
    throw new Failure(`the repository cannot be read: ${reasonOf(stanza)}`);
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
