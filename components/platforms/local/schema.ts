import { isAbsolute } from "node:path";
import { z } from "zod";

export const localSchema = z
  .strictObject({
    portBase: z
      .int()
      .min(1024)
      .max(65_400)
      .default(6400)
      .describe(
        "First of the stack's 100 ports; each stack of a machine needs its own range. PgBouncer listens on `portBase + 32`.",
      ),
    stateDirectory: z
      .string()
      .refine(isAbsolute, { error: "an absolute path" })
      .optional()
      .describe(
        "Folder of data, logs, backups and sockets. Default: `/var/lib/howdah/<stack>` as root, otherwise `$XDG_STATE_HOME/howdah/<stack>`.",
      ),
    certificateDays: z
      .int()
      .min(3)
      .max(398)
      .default(90)
      .describe(
        "Validity of a server's certificate, in days; `up` renews it, without a restart, when a third of the time is left.",
      ),
    etcdMembers: z
      .literal([1, 3])
      .default(3)
      .describe("Number of etcd members; cannot change after the stack was created."),
  })
  .describe("Settings of local stacks; with `platform: local` only.");

export type LocalSettings = z.output<typeof localSchema>;

/** Sections of the config that only stacks of this machine have. */
export const localSections = { local: localSchema };
