/** Bytes per unit of PostgreSQL's own notation ("64MB"); docs, "20.1.1 Parameter Names and Values". */
const memoryUnits: Readonly<Record<string, number>> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** Milliseconds per unit: PostgreSQL's own, and the words of the config. */
const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  second: 1000,
  seconds: 1000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

export const kB = 1024;
export const MB = 1024 ** 2;
export const GB = 1024 ** 3;

function figure(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined;
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}

/** Bytes of `"64MB"` or `"64 MB"`; undefined where the text has no unit or an unknown one. */
export const memoryBytes = (text: string): number | undefined => figure(text, memoryUnits);

/** Milliseconds of `"30s"` or `"30 seconds"`; undefined where the text has no unit or an unknown one. */
export const timeMilliseconds = (text: string): number | undefined => figure(text, timeUnits);

/** Bytes in PostgreSQL's notation, rounded down to whole kB: `"64MB"`, `"100kB"`. */
export const renderMemory = (bytes: number): string =>
  bytes >= MB && bytes % MB === 0 ? `${bytes / MB}MB` : `${Math.floor(bytes / kB)}kB`;

/** Milliseconds in PostgreSQL's notation: `"30s"`, `"1500ms"`. */
export const renderTime = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
