import { nearest, type Problem } from "../../../lib/values";
import { allowed, type Spec } from "./allowed";
import { forced, owned } from "./forced";
import { memoryBytes, renderMemory, renderTime, timeMilliseconds } from "../../../lib/units";
import type { PostgresSettings } from "../schema";

type Value = PostgresSettings["parameters"][string];

/** Names come from a user: `constructor` is none of the table's. */
const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** The value as PostgreSQL takes it; undefined if the parameter does not accept it. */
function numeric(spec: Extract<Spec, { kind: "integer" | "real" }>, value: Value): string | undefined {
  const text = String(value).trim();
  if (typeof value === "boolean" || !/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  const figure = Number(text);
  const whole = spec.kind === "real" || Number.isInteger(figure);
  return whole && figure >= spec.min && figure <= spec.max ? String(figure) : undefined;
}

const exactMemory = (bytes: number): string => (bytes % 1024 === 0 ? renderMemory(bytes) : `${bytes}B`);

function withUnit(spec: Extract<Spec, { kind: "memory" | "time" }>, value: Value): string | undefined {
  if (spec.off?.some((figure) => String(figure) === String(value)) === true) return String(value);
  const figure = spec.kind === "memory" ? memoryBytes(String(value)) : timeMilliseconds(String(value));
  if (figure === undefined || figure < spec.min || figure > spec.max) return undefined;
  if (spec.kind === "time") return renderTime(figure);
  return exactMemory(figure);
}

const switches: Readonly<Record<string, string>> = { true: "on", false: "off", on: "on", off: "off" };

/** YAML reads a bare on or off as a boolean. */
const chosen = (values: readonly string[], value: Value): string | undefined =>
  [String(value), own(switches, String(value))].find((text) => text !== undefined && values.includes(text));

function listed(values: readonly string[], value: Value): string | undefined {
  const terms = String(value)
    .split(",")
    .map((term) => term.trim());
  return terms.every((term) => values.includes(term)) ? terms.join(",") : undefined;
}

function normalized(spec: Spec, value: Value): string | undefined {
  switch (spec.kind) {
    case "integer":
    case "real":
      return numeric(spec, value);
    case "memory":
    case "time":
      return withUnit(spec, value);
    case "boolean":
      return own(switches, String(value));
    case "choice":
      return chosen(spec.values, value);
    case "list":
      return listed(spec.values, value);
  }
}

const orOff = (off: readonly number[] = []): string => off.map((figure) => `, or ${figure}`).join("");

function allowedText(spec: Spec): string {
  switch (spec.kind) {
    case "integer":
      return `a whole number from ${spec.min} to ${spec.max}`;
    case "real":
      return `a number from ${spec.min} to ${spec.max}`;
    case "memory":
      return `a size with its unit, such as "64 MB", from ${exactMemory(spec.min)} to ${exactMemory(spec.max)}${orOff(spec.off)}`;
    case "time":
      return `a duration with its unit, such as "30 seconds", from ${renderTime(spec.min)} to ${renderTime(spec.max)}${orOff(spec.off)}`;
    case "boolean":
      return "true or false";
    case "choice":
      return spec.values.join(", ");
    case "list":
      return `a list such as "${spec.values.slice(0, 2).join(", ")}", of ${spec.values.join(", ")}`;
  }
}

/** PostgreSQL 14 compresses WAL with pglz, which it calls on. */
const specOf = (name: string, version: number): Spec | undefined =>
  name === "wal_compression" && version < 15 ? { kind: "choice", values: ["on", "off"] } : own(allowed, name);

function unknownMessage(name: string): string {
  const reason = own(forced, name)?.reason ?? own(owned, name);
  if (reason !== undefined) return `cannot be overridden: ${reason}`;
  const guess = nearest(name, Object.keys(allowed));
  const hint = guess === undefined ? "" : `; did you mean ${JSON.stringify(guess)}?`;
  return `is not in the list of parameters that may be overridden (components/postgres/parameters/allowed.ts)${hint}`;
}

function problemOf(name: string, value: Value, version: number): Problem[] {
  const path = ["postgres", "parameters", name];
  const spec = specOf(name, version);
  if (spec === undefined) return [{ path, message: unknownMessage(name) }];
  if (normalized(spec, value) !== undefined) return [];
  return [{ path, message: `found ${JSON.stringify(value)}; allowed: ${allowedText(spec)}` }];
}

/**
 * Overrides that are unknown, owned by another part of the program, or out of range.
 * @param overrides `howdah:postgres.parameters`
 * @param version major version of PostgreSQL
 */
export const parameterProblems = (overrides: PostgresSettings["parameters"], version: number): Problem[] =>
  Object.entries(overrides).flatMap(([name, value]) => problemOf(name, value, version));

/** Overrides in PostgreSQL's notation. Throws if one has a problem. */
export function renderOverrides(overrides: PostgresSettings["parameters"], version: number): Record<string, string> {
  return Object.fromEntries(
    Object.entries(overrides).map(([name, value]) => {
      const spec = specOf(name, version);
      const text = spec === undefined ? undefined : normalized(spec, value);
      if (text === undefined) throw new RangeError(`parameter ${name} cannot be overridden with this value`);
      return [name, text];
    }),
  );
}
