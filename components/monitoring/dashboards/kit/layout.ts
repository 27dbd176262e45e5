import type { Line, Panel, Row } from "./model";

/** Columns of Grafana's grid. */
export const columns = 24;

/** Units of Grafana's grid, of 30 pixels each. */
const heights: Readonly<Record<Panel["kind"], number>> = {
  stat: 4,
  gauge: 6,
  bargauge: 8,
  timeseries: 8,
  "state-timeline": 8,
  heatmap: 8,
  table: 9,
};
const heading = 1;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface PlacedPanel {
  readonly name: string;
  readonly panel: Panel;
  readonly place: Place;
}

export interface PlacedRow {
  readonly row: Row;
  readonly place: Place;
  readonly panels: readonly PlacedPanel[];
}

/** Widths of a line's panels. @throws if they do not fill it exactly */
export function widthsOf(line: Line): number[] {
  const given = Object.values(line).map(({ width }) => width);
  const open = given.filter((width) => width === undefined).length;
  const rest = columns - given.reduce<number>((sum, width = 0) => sum + width, 0);
  const share = open === 0 ? 0 : rest / open;
  if (!Number.isInteger(share) || (open === 0 ? rest !== 0 : share < 1))
    throw new Error(`${Object.keys(line).join(", ")}: ${given.length} panels do not fill ${columns} columns`);
  return given.map((width) => width ?? share);
}

function placeLine(line: Line, y: number): PlacedPanel[] {
  const widths = widthsOf(line);
  // All of a line are as high as the highest: otherwise there would be a gap below the others.
  const h = Math.max(...Object.values(line).map(({ kind }) => heights[kind]));
  return Object.entries(line).map(([name, panel], at) => {
    const x = widths.slice(0, at).reduce((sum, width) => sum + width, 0);
    return { name, panel, place: { x, y, w: widths[at] ?? 0, h } };
  });
}

/** Where rows and panels are. Panels of a folded row are below its heading, and take no place while it is folded. */
export function placed(rows: readonly Row[]): PlacedRow[] {
  let y = 0;
  return rows.map((row) => {
    const place = { x: 0, y, w: columns, h: heading };
    let below = y + heading;
    const panels = row.lines.flatMap((line) => {
      const own = placeLine(line, below);
      below += own[0]?.place.h ?? 0;
      return own;
    });
    y = row.folded === true ? y + heading : below;
    return { row, place, panels };
  });
}
