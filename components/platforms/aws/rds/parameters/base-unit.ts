import { kB, MB, memoryBytes, minute, second, timeMilliseconds } from "../../../../../lib/units";
import type { Unit } from "./parameter-table";

/** Bytes or milliseconds of one unit. */
const scales: Partial<Record<Unit, { readonly read: typeof memoryBytes; readonly one: number }>> = {
  B: { read: memoryBytes, one: 1 },
  kB: { read: memoryBytes, one: kB },
  "8kB": { read: memoryBytes, one: 8 * kB },
  MB: { read: memoryBytes, one: MB },
  ms: { read: timeMilliseconds, one: 1 },
  s: { read: timeMilliseconds, one: second },
  min: { read: timeMilliseconds, one: minute },
};

const booleans: Readonly<Record<string, string>> = { on: "1", off: "0" };
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);

/**
 * A value in PostgreSQL's notation ("4096MB", "30s", "on") as a parameter group takes it: a bare figure in the base unit, 0 or 1 for a
 * boolean. A bare figure is in the base unit already, as for PostgreSQL.
 * @returns undefined if the value is none of the unit's, or no whole number of them
 */
export function toBaseUnit(value: string, unit: Unit): string | undefined {
  if (unit === "text" || unit === "list") return value;
  if (unit === "boolean") return Object.hasOwn(booleans, value) ? booleans[value] : undefined;
  if (isNumber(value)) return value;
  const scale = scales[unit];
  const amount = scale?.read(value);
  if (scale === undefined || amount === undefined || amount % scale.one !== 0) return undefined;
  return String(amount / scale.one);
}
