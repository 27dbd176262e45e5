import type { z } from "zod";
import { backupStanzaSchema } from "../../../contracts/host-resources/postgres";
import { changedInputs, type Context, resource } from "../../runtime/resource";
import { runAsService } from "../../../lib/process/task";
import { hour } from "../../../lib/units";

type Inputs = z.output<typeof backupStanzaSchema>;
/** `backups` is 1 if there is a usable backup, else 0: how many there are changes with the schedule and is not drift. */
type State = Inputs & { backups: number };

function pgbackrest(inputs: Inputs, command: string, ...options: string[]): Promise<string> {
  const args = [`--config=${inputs.configFile}`, `--stanza=${inputs.stanza}`, ...options, command];
  return runAsService(["/usr/bin/pgbackrest", ...args], { timeout: hour });
}

interface Info {
  readonly backup?: readonly { readonly error?: boolean }[];
}

/** Usable backups in the repository. */
async function countBackups(inputs: Inputs): Promise<number> {
  const [info] = JSON.parse(await pgbackrest(inputs, "info", "--output=json", "--log-level-console=off")) as Info[];
  return (info?.backup ?? []).filter((backup) => backup.error !== true).length;
}

/** Creates the stanza, proves that WAL arrives in the repository, and takes the first full backup if there is none. */
async function ensure(inputs: Inputs, context: Context): Promise<State> {
  context.progress("creating the stanza");
  await pgbackrest(inputs, "stanza-create", "--log-level-console=warn");
  context.progress("checking that WAL is archived");
  await pgbackrest(inputs, "check", "--log-level-console=warn");
  if ((await countBackups(inputs)) === 0) {
    context.progress("taking the first full backup");
    await pgbackrest(inputs, "backup", "--type=full", "--log-level-console=warn");
  }
  return { ...inputs, backups: Math.min(1, await countBackups(inputs)) };
}

/** A pgBackRest stanza with at least one full backup. The repository is a folder of its own and survives this resource. */
export const backupStanza = resource<Inputs, State>({
  schema: backupStanzaSchema,
  refreshBeforeUpdate: true,
  diff: (old, news) => [
    ...changedInputs(old.inputs, news, ["stanza", "repository"]),
    ...(old.state.backups > 0 ? [] : [{ property: "backups", kind: "update", drift: true } as const]),
  ],
  create: async (inputs, context) => ({ id: inputs.stanza, state: await ensure(inputs, context) }),
  // Expiry and the schedule change the number; only none at all is drift.
  read: async (old) => ({ ...old.state, backups: Math.min(1, await countBackups(old.state).catch(() => 0)) }),
  update: (_old, news, context) => ensure(news, context),
  delete: () => Promise.resolve(),
});
