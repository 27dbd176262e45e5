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
        "First of the 100 ports that the stack uses; two stacks on one machine need two of these. PgBouncer listens on `portBase + 32`.",
      ),
    stateDirectory: z
      .string()
      .refine(isAbsolute, { error: "an absolute path" })
      .optional()
      .describe(
        "Folder of data, logs, backups and sockets. Default: `/var/lib/howdah/<stack>` as root, else `$XDG_STATE_HOME/howdah/<stack>`.",
      ),
    certificateDays: z
      .int()
      .min(3)
      .max(398)
      .default(90)
      .describe("Days that a server's certificate is valid; `up` renews it, by reload, when a third of them is left."),
    etcdMembers: z.literal([1, 3]).default(3).describe("Members of the etcd cluster; fixed once the stack exists."),
  })
  .describe("This machine; with `platform: local` only.");

export type LocalSettings = z.output<typeof localSchema>;

/** Sections of the config that only stacks of this machine have. */
export const localSections = { local: localSchema };
