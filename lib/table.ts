import Table from "cli-table3";
import { oneLine } from "./printable";

/** A table without colours, for terminals and logs alike. Names of users' objects may hold any character: each row stays one. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of rows) table.push(row.map(oneLine));
  return table.toString();
}
