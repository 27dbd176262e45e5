import { z } from "zod";
import { tierNames } from "../../../contracts/tiers";
import { defaultPrivilegeSchema } from "../take/default-privileges";

/** A name as PostgreSQL keeps it; nothing in it acts on a terminal. */
const name = z
  .string()
  .min(1)
  .max(63)
  .regex(/^\P{Cc}*$/u, "control characters are not allowed");

/** How a database is made; what `pg_dump` leaves to the restore. */
const creationSchema = z.object({
  /** Role that owns it. */
  owner: name,
  encoding: name,
  collate: z.string(),
  ctype: z.string(),
  provider: z.enum(["libc", "icu", "builtin"]),
  /** Of a provider other than libc. */
  locale: z.string().nullable(),
});

const extensionSchema = z.object({ name, schema: name });

const lsn = z.string().regex(/^[0-9A-F]+\/[0-9A-F]+$/);
const moment = z.iso.datetime();

/**
 * What makes an object a backup: written after it, and only once it was read back. A backup without one was never finished.
 * It tells nothing secret, but is not signed: a writer of the store can put another backup there.
 */
export const manifestSchema = z.object({
  format: z.literal("howdah-logical-1"),
  name: z.string(),
  stack: z.string(),
  database: name,
  kind: z.enum(["dump", "schema"]),
  tier: z.enum(tierNames),
  serverVersion: z.string(),
  /** The content is of a moment between these two; absent if a service does not tell. */
  startLsn: lsn.optional(),
  endLsn: lsn.optional(),
  startedAt: moment,
  endedAt: moment,
  durationSeconds: z.number().nonnegative(),
  /** Bytes of the encrypted object. */
  size: z.int().positive(),
  /** Of the encrypted object, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** age public key that it is encrypted to. */
  recipient: z.string(),
  creation: creationSchema,
  /** Bytes of the database on its server's disk, with its indexes. */
  databaseBytes: z.int().nonnegative().optional(),
  /** Tables that a restored database must have; absent if one was made or dropped meanwhile. */
  tables: z.int().nonnegative().optional(),
  /** Roles that the archive names in addition to owners and grants. */
  roles: z.array(name).optional(),
  /** Extensions in the order in which they were made, each with its schema. */
  extensions: z.array(extensionSchema).optional(),
  /** Absent in a dump of an earlier version of howdah. */
  defaultPrivileges: z.array(defaultPrivilegeSchema).optional(),
  tools: z.object({ pg_dump: z.string(), howdah: z.string() }),
});

export type Manifest = z.output<typeof manifestSchema>;
export type Creation = Manifest["creation"];
export type Extension = z.output<typeof extensionSchema>;

/** The text of a manifest. */
export const formatManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** @throws Error that says what is wrong with the text */
export function parseManifest(text: string): Manifest {
  const { data, error } = manifestSchema.safeParse(JSON.parse(text));
  if (error !== undefined) throw new Error(z.prettifyError(error).replaceAll(/\s*\n\s*/g, " "));
  return data;
}
