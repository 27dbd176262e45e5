import type { DriverResult, LoadResult, Results } from "./results";

const dash = "–";

/** A check as a cell. */
function cell(value: boolean | string | null | undefined): string {
  if (value === true) return "yes";
  if (value === null || value === undefined) return dash;
  return value === false ? "no" : `no (${value})`;
}

const load = (result: LoadResult | string | undefined): string =>
  result === undefined
    ? dash
    : typeof result === "string"
      ? result
      : `${result.failed} / ${result.retried} of ${result.committed}`;

const row = (name: string, { version, smoke, switchover, kill }: DriverResult): string[] => [
  name,
  version,
  cell(smoke["prepared"]),
  cell(smoke["cancel"]),
  cell(smoke["copy"]),
  cell(smoke["listen"]),
  cell(smoke["advisoryLock"]),
  load(switchover),
  load(kill),
];

const head = [
  "driver",
  "version",
  "prepared statements are reused",
  "cancel",
  "COPY",
  "LISTEN hears NOTIFY",
  "session lock excludes others",
  "switchover: failed / retried",
  "kill -9: failed / retried",
];

/** The results as a table of Markdown, with the run that they are of. */
export function resultsTable({ date, machine, drivers, skipped }: Results): string {
  const rows = [
    ...Object.entries(drivers).map(([name, result]) => row(name, result)),
    ...Object.entries(skipped).map(([name, reason]) => [name, `skipped: ${reason}`, ...head.slice(2).map(() => dash)]),
  ];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const table = [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)];
  return [...table, "", `The whole table is of one run of the test, on ${date} (${machine}).`].join("\n");
}
