import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MB } from "../../../lib/units";
import type { Incident, Incidents } from "../../support/monitoring/incidents";
import type { Node } from "../../support/stack/nodes";
import { superuser, type TestStack } from "../../support/stack/stack";

/** Bytes of the disk of the dumps. */
export const dumpDisk = 128 * MB;

/** What `backup` of the stack has to have for these. @param dumps folder of the dumps */
export const backupConfig = (dumps: string) => ({
  profile: "development",
  // The lightest tier often, so that soon none is new enough.
  tiers: { schema: { schedule: "*/2 * * * *" } },
  logical: { destination: { folder: dumps } },
});

/** Room and time that run out. @param at the primary, and the folder of the dumps, which is a disk of its own if root makes it */
export function roomIncidents(
  incidents: Incidents,
  stack: TestStack,
  at: () => { readonly primary: Node; readonly dumps: string },
): Incident[] {
  const slot: Incident = {
    what: "nobody reads a replication slot",
    alerts: ["SlotRetainedWal"],
    begin: async () => {
      const { port } = at().primary;
      await superuser(stack, port, "SELECT pg_create_physical_replication_slot('unread', true)");
      const rows = "SELECT repeat('x', 1000) AS x FROM generate_series(1, 170000)";
      await stack.query("app_migrator", `CREATE TABLE written AS ${rows}`);
      return async () => {
        await superuser(stack, port, "SELECT pg_drop_replication_slot('unread')");
        await stack.query("app_migrator", "DROP TABLE written");
      };
    },
  };
  const schedule: Incident = {
    what: "the schedule of the backups stands still",
    alerts: ["BackupTooOld"],
    begin: () => incidents.withoutServices("backup-schedule"),
  };
  const disk: Incident = {
    what: "the disk of the dumps is nearly full",
    alerts: ["RepositorySpace"],
    begin: () => {
      const file = join(at().dumps, "filler");
      writeFileSync(file, Buffer.alloc(0.94 * dumpDisk));
      return Promise.resolve(() => {
        rmSync(file);
      });
    },
  };
  // Only root can make a disk.
  return [slot, schedule, ...(process.getuid?.() === 0 ? [disk] : [])];
}
