import { Expression, promql, type Selector } from "../../expression";

const aggregation =
  (how: "sum" | "min" | "max" | "avg" | "count") =>
  (expression: Expression, ...labels: readonly string[]): Expression => {
    const foreign = labels.filter((label) => !expression.labels.includes(label));
    if (foreign.length > 0) throw new Error(`${expression.text()} has no label ${foreign.join(", ")}`);
    const by = labels.length === 0 ? "" : ` by (${labels.join(", ")}) `;
    return new Expression([`${how}${by}(`, ...expression.inner, ")"], labels);
  };

/** Aggregations that keep these labels. */
export const sum = aggregation("sum");
export const min = aggregation("min");
export const max = aggregation("max");
export const avg = aggregation("avg");
export const count = aggregation("count");

/** Per second. */
export const rate = (counter: Selector): Expression => promql`rate(${counter.over("$__rate_interval")})`;
/** In the period that the dashboard shows. */
export const grown = (counter: Selector): Expression => promql`increase(${counter.over("$__range")})`;
export const age = (timestamp: Expression): Expression => promql`(time() - ${timestamp})`;
export const percent = (part: Expression, whole: Expression): Expression =>
  promql`${100} * (${part}) / (${whole} > ${0})`;

/** Series with the highest values, at each moment. */
const shown = 10;
export const top = (expression: Expression): Expression => promql`topk(${shown}, ${expression})`;
