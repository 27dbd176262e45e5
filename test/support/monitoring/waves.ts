import type { SeriesLabel } from "../../../components/monitoring/expression";
import type { MetricName } from "../../../contracts/metrics/metrics";

/** How a series goes on: a value, a rise per second, or an age (of a moment, in seconds; negative for one to come). */
type Kind = "value" | "rise" | "age";

/** A series that is quiet, then loud, then quiet again; undefined is its absence. */
export interface Wave {
  readonly series: string;
  readonly kind: Kind;
  readonly quiet: number | undefined;
  readonly loud: number | undefined;
  /** Afterwards. Default: quiet. */
  readonly after?: number | undefined;
  /** Its first sample. Default: as the others, and 0 for one that rises. */
  readonly first?: number;
}

/** One figure for a series that stays as it is, or the quiet and the loud one. */
type Figures = number | readonly [quiet: number | undefined, loud: number | undefined];

type Labels<Name extends MetricName> = { readonly [Label in SeriesLabel<Name>]?: string };

export const stack = "test";

const seriesText = (name: string, labels: Readonly<Partial<Record<string, string>>>): string =>
  `${name}{${Object.entries({ stack, ...labels })
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;

const wave =
  (kind: Kind) =>
  <Name extends MetricName>(name: Name, labels: Labels<Name>, figures: Figures): Wave => {
    const [quiet, loud] = typeof figures === "number" ? [figures, figures] : figures;
    return { series: seriesText(name, labels), kind, quiet, loud };
  };

/** A gauge. */
export const value = wave("value");
/** A counter, per second. */
export const rise = wave("rise");
/** A moment, by its age in seconds. */
export const age = wave("age");

/** Buckets of a histogram: for each upper bound, what arrives at or below it in a second. */
export const buckets = <Name extends MetricName>(
  name: Name,
  labels: Labels<Name>,
  bounds: Readonly<Record<string, Figures>>,
): Wave[] =>
  Object.entries(bounds).map(([le, figures]) => ({
    ...rise(name, {}, figures),
    series: seriesText(`${name}_bucket`, { ...labels, le }),
  }));

/** The same series with a label that it has in other versions of its program. */
export const withLabel = (one: Wave, name: string, text: string): Wave => ({
  ...one,
  series: one.series.replace(/}$/, `,${name}="${text}"}`),
});

/** The same series with a first sample of its own, and a figure for the time afterwards. */
export const beginning = (first: number, one: Wave, after?: number): Wave => ({
  ...one,
  first,
  ...(after === undefined ? {} : { after }),
});

/** Numbers of samples. */
export interface Phases {
  readonly quiet: number;
  readonly loud: number;
  readonly after: number;
}

/** Samples in promtool's notation. @param step seconds between two of them */
export function samples({ kind, quiet, loud, after = quiet, first }: Wave, phases: Phases, step: number): string {
  const figures = [
    ...Array.from({ length: phases.quiet }, () => quiet),
    ...Array.from({ length: phases.loud }, () => loud),
    ...Array.from({ length: phases.after }, () => after),
  ];
  let sum = first ?? 0;
  return figures
    .map((figure, at) => {
      if (at === 0 && first !== undefined) return first;
      if (figure === undefined) return "stale";
      if (kind === "value") return figure;
      if (kind === "age") return at * step - figure;
      sum += figure * step;
      return Number(sum.toPrecision(12));
    })
    .join(" ");
}
