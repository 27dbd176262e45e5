import Table from "cli-table3";
import pc from "picocolors";
import { formatBytes } from "../../lib/text/format";
import type { Finding } from "../checks/finding";
import { oneLine } from "../../lib/text/printable";
import type { NodeHealth } from "./cluster";
import type { Outputs } from "./outputs";

/** An address as in the URL, without user and password. */
export function endpointOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

const table = (head: string[]): Table.Table => new Table({ head, style: { head: [], border: [] } });

/** Every endpoint of the stack. */
export function endpointTable(outputs: Outputs): string {
  const rows = table(["application", "read-write", "read-only"]);
  for (const [name, { readWrite, readOnly }] of Object.entries(outputs.connections))
    rows.push([name, endpointOf(readWrite), endpointOf(readOnly)]);
  return rows.toString();
}

/** Every node with role, state, lag and whether commits wait for it. */
export function nodeTable(nodes: readonly NodeHealth[]): string {
  const rows = table(["node", "address", "role", "state", "lag", "sync"]);
  for (const { name, address, role, state, lag, sync, healthy } of nodes)
    rows.push([
      name,
      address,
      role,
      healthy ? pc.green(oneLine(state)) : pc.red(oneLine(state)),
      lag === undefined ? "" : formatBytes(lag),
      sync ? "sync" : "",
    ]);
  return rows.toString();
}

/** All checks; the failed ones last, where a reader looks first. */
export function checkTable(findings: readonly Finding[]): string {
  const rows = table(["check", "", ""]);
  for (const { what, good, detail } of findings.toSorted((a, b) => Number(b.good) - Number(a.good)))
    rows.push([oneLine(what), good ? pc.green("good") : pc.red("BAD"), oneLine(detail)]);
  return rows.toString();
}
