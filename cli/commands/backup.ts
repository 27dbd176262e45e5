import { type BackupKind, tierNames } from "../../contracts/tiers";
import { formatBytes, formatSpan, tableOf } from "../../lib/text/format";
import type { TakenBackup } from "../backups/back-up";
import { defineCommand } from "../kit/command";
import { argument, list, oneOf, option } from "../kit/options";

/** Kinds as they are typed. */
const kinds = { full: "full", diff: "diff", incr: "incr", logical: "dump", schema: "schema" } as const satisfies Record<
  string,
  BackupKind
>;
const kindNames = ["full", "diff", "incr", "logical", "schema"] as const satisfies (keyof typeof kinds)[];

const describe = (taken: readonly TakenBackup[]): string =>
  tableOf(
    ["backup", "kind", "stored", "took"],
    taken.map((one) => [one.label, one.kind, formatBytes(one.stored), formatSpan(one.seconds * 1000)]),
  );

export const backup = defineCommand({
  name: "backup",
  group: "backups",
  summary: "Take a backup",
  description:
    "Take a backup: physical of the whole cluster (full, diff, incr), or logical per database (logical, schema)",
  on: ["cluster", "database"],
  arguments: { kind: oneOf(argument("default: incr, or the kind of the tier"), kindNames) },
  options: {
    tier: oneOf(
      option("<tier>", "tier, which determines retention; default: preMaintenance, logical or schema"),
      tierNames,
    ),
    database: list("<name>", "only this database (logical, schema)"),
  },
  run: async ({ job, context }, { kind, tier, database }) => {
    const { backUp, chooseBackup } = await import("../backups/back-up.js");
    const chosen = chooseBackup(kind === undefined ? undefined : kinds[kind], tier);
    const taken = await backUp(job, { ...chosen, databases: database }, context);
    return { data: { tier: chosen.tier, backups: taken }, text: describe(taken) };
  },
});
