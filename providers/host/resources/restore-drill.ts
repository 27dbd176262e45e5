import { z } from "zod";
import { restoreDrillSchema } from "../../../contracts/host-resources/postgres";
import { type Context, resource } from "../../runtime/resource";
import { runAsService } from "../../../lib/process/task";
import { readEnd } from "../../../lib/system/files";

type Inputs = z.output<typeof restoreDrillSchema>;

/** What this resource needs of a line; the command writes more. */
const drillSchema = z.object({
  // It becomes an output, which programs and people read: the file is the service user's.
  at: z.iso.datetime(),
  passed: z.boolean(),
  rtoSeconds: z.number().optional(),
  rpoSeconds: z.number().optional(),
});

interface Verified {
  lastVerifiedAt: string;
  measuredRtoSeconds: number;
  /** Null, not absent, until it is measured: in a preview, an absent output is unknown and looks like a change. */
  measuredRpoSeconds: number | null;
}

type State = Inputs & Partial<Verified>;

const quarter = 15 * 60_000;

/** What the newest successful drill found, and the newest that measured the RPO. */
export function verifiedBy(lines: string): Partial<Verified> {
  const drills = lines.split("\n").flatMap((line) => {
    try {
      return [drillSchema.parse(JSON.parse(line))];
    } catch {
      // A line that a killed drill broke off.
      return [];
    }
  });
  const passed = drills.filter((drill) => drill.passed);
  const last = passed.at(-1);
  if (last?.rtoSeconds === undefined) return {};
  const rpo = passed.findLast(({ rpoSeconds }) => rpoSeconds !== undefined)?.rpoSeconds;
  return {
    lastVerifiedAt: last.at,
    measuredRtoSeconds: last.rtoSeconds,
    measuredRpoSeconds: rpo ?? null,
  };
}

const read = async (inputs: Inputs): Promise<State> => ({
  command: inputs.command,
  history: inputs.history,
  ...verifiedBy(await readEnd(inputs.history)),
});

/** Restores the newest backup to a throwaway server, unless a drill has done so before. */
async function ensure(inputs: Inputs, context: Context): Promise<State> {
  const before = await read(inputs);
  if (before.lastVerifiedAt !== undefined) return before;
  context.progress("restoring the backup to a throwaway server");
  const onLine = (line: string): void => {
    context.progress(line.trim());
  };
  const options = { timeout: quarter, signal: context.signal };
  await runAsService([...inputs.command, "drill", "--quick"], options, onLine);
  return read(inputs);
}

/** The proof that backups can be restored. Later drills are the schedule's; their results come in by `read`. */
export const restoreDrill = resource<Inputs, State>({
  schema: restoreDrillSchema,
  refreshBeforeUpdate: true,
  // A changed command runs the same drill, so no new one is needed; without any result, one is.
  diff: (old) =>
    old.state.lastVerifiedAt === undefined ? [{ property: "lastVerifiedAt", kind: "update", drift: true }] : [],
  create: async (inputs, context) => ({ id: inputs.history, state: await ensure(inputs, context) }),
  read: (old) => read(old.state),
  update: (_old, news, context) => ensure(news, context),
  delete: () => Promise.resolve(),
});
