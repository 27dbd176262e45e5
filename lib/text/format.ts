import Table from "cli-table3";
import { oneLine } from "./printable";

const scales = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes for a reader, in powers of 1024: `3.6 MB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(scales.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || power === 0 ? value.toFixed(0) : value.toFixed(1)} ${scales[power] ?? "B"}`;
}

const steps = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
] as const;

/** A time span for a reader, in its largest whole unit: `3 d`, `5 min`, `12 s`. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  const step = steps.find(([size]) => seconds >= size);
  return step === undefined
    ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
    : `${Math.floor(seconds / step[0])} ${step[1]}`;
}

/** A moment, to the second, in UTC. */
export const formatTime = (milliseconds: number): string =>
  new Date(milliseconds)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");

/** `1 table`, `3 tables`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A table without colours, for terminals and logs alike. Names of users' objects may hold any character: each row stays one. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(row.map(oneLine));
  return table.toString();
}
