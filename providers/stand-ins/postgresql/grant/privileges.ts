import { z } from "zod";
import type { Failure } from "../../../runtime/resource";

/** Privileges by type of object; `MAINTAIN` since PostgreSQL 17. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  database: ["CREATE", "CONNECT", "TEMPORARY"],
  schema: ["CREATE", "USAGE"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  function: ["EXECUTE"],
  procedure: ["EXECUTE"],
  routine: ["EXECUTE"],
  type: ["USAGE"],
};

/** A list of privileges, without repetitions. */
export const privilegesSchema = z.array(z.string()).transform((list) => [...new Set(list)]);

/** Refuses privileges that objects of a type do not have. */
export function wrongPrivileges(objectType: string, privileges: readonly string[]): Failure[] {
  const known = ["ALL", ...(allowed[objectType] ?? [])];
  return privileges
    .filter((privilege) => !known.includes(privilege))
    .map((privilege) => ({
      property: "privileges",
      reason: `${privilege} is not a privilege of a ${objectType}; there are ${known.join(", ")}`,
    }));
}

/** What `wanted` stands for: `ALL` is every privilege that the type has on servers of any version. */
function expanded(objectType: string, wanted: readonly string[]): string[] {
  const list = wanted.includes("ALL") ? (allowed[objectType] ?? []) : wanted;
  return list.filter((privilege) => privilege !== "MAINTAIN" || !wanted.includes("ALL"));
}

/** Wanted privileges that are not held. */
function missingPrivileges(objectType: string, held: readonly string[], wanted: readonly string[]): string[] {
  return expanded(objectType, wanted).filter((privilege) => !held.includes(privilege));
}

/** True if exactly the wanted privileges are held; `ALL` equals all of them by name. */
export function samePrivileges(objectType: string, held: readonly string[], wanted: readonly string[]): boolean {
  const surplus = held.filter((privilege) => !wanted.includes(privilege) && !wanted.includes("ALL"));
  return surplus.length === 0 && missingPrivileges(objectType, held, wanted).length === 0;
}
