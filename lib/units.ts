/** Bytes: powers of 1024, as PostgreSQL reads them. */
export const kB = 1024;
export const MB = 1024 ** 2;
export const GB = 1024 ** 3;
export const TB = 1024 ** 4;

/** Milliseconds. */
export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;
export const day = 86_400_000;

/** Bytes per unit of size. */
export const sizeUnits = { B: 1, kB, MB, GB, TB } as const;

/** Milliseconds per unit of PostgreSQL's own notation ("30s"); docs, "20.1.1 Parameter Names and Values". */
export const timeUnits = { ms: 1, s: second, min: minute, h: hour, d: day } as const;

/** Milliseconds per unit of a duration in config ("30 seconds"). */
export const durationUnits = {
  millisecond: 1,
  milliseconds: 1,
  second,
  seconds: second,
  minute,
  minutes: minute,
  hour,
  hours: hour,
  day,
  days: day,
} as const;

/** The figure of a unit by its name; undefined for a name that is none of them. */
export const unitOf = (units: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(units, name) ? units[name] : undefined;

/** The value, or the end of the range that it is beyond. */
export const clamp = (value: number, { min, max }: { readonly min: number; readonly max: number }): number =>
  Math.min(max, Math.max(min, value));

const anyTime = { ...timeUnits, ...durationUnits };

function figure(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const factor = unitOf(units, unit ?? "");
  return digits === undefined || factor === undefined ? undefined : Math.round(Number(digits) * factor);
}

/** Bytes of `"64MB"` or `"64 MB"`; undefined if the text has no unit or an unknown one. */
export const memoryBytes = (text: string): number | undefined => figure(text, sizeUnits);

/** Milliseconds of `"30s"` or `"30 seconds"`; undefined if the text has no unit or an unknown one. */
export const timeMilliseconds = (text: string): number | undefined => figure(text, anyTime);

/** Bytes in PostgreSQL's notation, rounded down to whole kB: `"64MB"`, `"100kB"`. */
export const renderMemory = (bytes: number): string =>
  bytes >= MB && bytes % MB === 0 ? `${bytes / MB}MB` : `${Math.floor(bytes / kB)}kB`;

/** Milliseconds in PostgreSQL's notation: `"30s"`, `"1500ms"`. */
export const renderTime = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
