import { z } from "zod";

const named = z.string().refine((text) => text.toUpperCase() !== "DEFAULT", {
  error: "DEFAULT would read back as another value each time; name it or leave it out",
});

/** Inputs of `postgresql:index/database:Database`. */
export const databaseSchema = z.strictObject({
  name: z.string().min(1),
  /** Default: the connected role. */
  owner: z.string().optional(),
  /** Default: `template0`, which takes any encoding and collation. */
  template: named.optional(),
  /** Default: `UTF8`. */
  encoding: named.optional(),
  /** Default: the template's. */
  lcCollate: named.optional(),
  lcCtype: named.optional(),
  /** Concurrent connections; -1: no limit. */
  connectionLimit: z.int().min(-1).default(-1),
  allowConnections: z.boolean().default(true),
  isTemplate: z.boolean().optional(),
  /** When the owner changes, hand over what the former one owns in the database. */
  alterObjectOwnership: z.boolean().default(false),
});

export type DatabaseInputs = z.output<typeof databaseSchema>;

/** Properties that the server decides where the program is silent. */
export const databaseComputed = ["owner", "template", "encoding", "lcCollate", "lcCtype", "isTemplate"] as const;

/** What is recorded. */
export interface DatabaseState extends DatabaseInputs {
  readonly owner: string;
  readonly template: string;
  readonly encoding: string;
  readonly tablespaceName: string;
}
