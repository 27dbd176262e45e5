import { z } from "zod";
import { clientSettingsSchema } from "../../contracts/client-settings";
import { Failure } from "../../lib/errors";
import { makeFolder, writeWhole } from "../../lib/files";
import { onPath } from "../../lib/paths";
import { attach } from "../../lib/process/attended";
import type { Target } from "../connect/target";
import { openSession } from "../engine/session";
import type { CheckoutScope } from "../kit/command";
import { outputsOf } from "../status/outputs";
import { serviceFile } from "../status/service-file";
import { connectionFile } from "./status";

const outputs = z.object({
  connections: z.record(z.string(), z.object({ readWrite: z.string(), readOnly: z.string() })),
  settings: z.record(z.string(), clientSettingsSchema),
});

/** Which connection of a stack. */
export interface Choice {
  /** Default: the stack's first application. */
  readonly application: string | undefined;
  readonly readOnly: boolean;
}

/** A connection of a stack; writes the service file, too. @throws Failure if there is no such application */
export async function targetOf({ stack, reporter }: CheckoutScope, choice: Choice): Promise<Target> {
  const session = await openSession(stack, reporter);
  const { connections, settings: all } = outputsOf(session, outputs);
  const names = Object.keys(connections);
  const application = choice.application ?? names[0] ?? "";
  const [connection, own] = [connections[application], all[application]];
  if (connection === undefined || own === undefined)
    throw new Failure(`stack "${stack}" has no application "${application}"; it has: ${names.join(", ")}`);
  makeFolder(session.at.stacks, 0o700);
  writeWhole(connectionFile(session), serviceFile(connections), 0o600);
  return {
    application,
    url: choice.readOnly ? connection.readOnly : connection.readWrite,
    serviceFile: connectionFile(session),
    service: choice.readOnly ? `${application}-read-only` : application,
    settings: own,
  };
}

/** Opens psql on this terminal, and gives its exit code. The password is in no command line, only in the service file (0600). */
export function openPsql({ serviceFile: file, service }: Target): Promise<number> {
  const program = onPath("psql");
  if (program === undefined) throw new Failure("no `psql` on PATH: install the Debian package postgresql-client");
  // What the caller's environment says of another server.
  const stale = Object.keys(process.env).filter((name) => name.startsWith("PG") && name !== "PGOPTIONS");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !stale.includes(name)));
  return attach({ program, args: [`service=${service}`], env: { ...env, PGSERVICEFILE: file } });
}
