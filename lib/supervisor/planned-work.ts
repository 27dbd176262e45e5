import { join } from "node:path";
import { readText, writeAtomically } from "../system/files";
import { minute } from "../units";
import type { SupervisorPaths } from "./supervisor";

/** Work that makes alerts expected: a change of the services by `up`, and a restore of the cluster in place. */
export const plannedWork = ["update", "restore"] as const;
export type PlannedWork = (typeof plannedWork)[number];

/** How long an announcement is in force: after the work, what it caused is still seen; after the end of a killed process, not for long. */
const lasts = minute;
const renewal = minute / 3;

/** Holds the time at which the announcement ends. */
const fileOf = ({ directory }: SupervisorPaths, work: PlannedWork): string => join(directory, `planned.${work}`);

/** Announces work to the collector, so that alerts stay silent, for as long as the action takes and a minute more. */
export async function whilePlanned<T>(at: SupervisorPaths, work: PlannedWork, action: () => Promise<T>): Promise<T> {
  // One that cannot be written costs an alert, and the action would say what is wrong.
  const announce = (): Promise<void> =>
    writeAtomically(fileOf(at, work), `${new Date(Date.now() + lasts).toISOString()}\n`, { mode: "0600" }).catch(
      () => undefined,
    );
  await announce();
  const timer = setInterval(() => void announce(), renewal);
  try {
    return await action();
  } finally {
    clearInterval(timer);
    await announce();
  }
}

/** Whether work is announced. */
export async function isPlanned(at: SupervisorPaths, work: PlannedWork, now = Date.now()): Promise<boolean> {
  const until = Date.parse((await readText(fileOf(at, work)).catch(() => "")).trim());
  // No announcement is longer: one that is would silence alerts for as long.
  return now < until && until <= now + lasts;
}
