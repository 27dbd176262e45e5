import type { SyntaxNode } from "@lezer/common" with { "resolution-mode": "import" };

/** Durations in place of what Grafana fills in; one that no dashboard has of its own. */
const filled = { $__rate_interval: "11m", $__range: "13h" } as const;
export const rateInterval = filled.$__rate_interval;

/** PromQL as Prometheus gets it, with a value for each variable. */
export const substituted = (text: string): string =>
  text
    .replaceAll("$__rate_interval", filled.$__rate_interval)
    .replaceAll("$__range", filled.$__range)
    .replaceAll(/\$(\w+)/g, "x");

/** A selector with the function that it is the argument of, and its range. */
export interface Selected {
  readonly name: string;
  readonly range: string | undefined;
  readonly call: string | undefined;
  readonly matchers: readonly string[];
}

export interface Parsed {
  readonly errors: readonly string[];
  readonly selectors: readonly Selected[];
}

const textOf = (node: SyntaxNode | null | undefined, text: string): string =>
  node === null || node === undefined ? "" : text.slice(node.from, node.to);

function selected(node: SyntaxNode, text: string): Selected {
  const matrix = node.parent?.name === "MatrixSelector" ? node.parent : undefined;
  const call = (matrix ?? node).parent?.parent;
  return {
    name: textOf(node.getChild("Identifier"), text),
    range: matrix && text.slice(node.to + 1, matrix.to - 1),
    call: call?.name === "FunctionCall" ? textOf(call.getChild("FunctionIdentifier"), text) : undefined,
    matchers: node
      .getChildren("LabelMatchers")
      .flatMap((all) => all.getChildren("UnquotedLabelMatcher").map((matcher) => textOf(matcher, text))),
  };
}

export type ParsePromql = (source: string) => Parsed;

/** Reads PromQL by Prometheus' own grammar, which is an ES module. */
export async function promqlParser(): Promise<ParsePromql> {
  const { parser } = await import("@prometheus-io/lezer-promql");
  return (source) => {
    const text = substituted(source);
    const errors: string[] = [];
    const selectors: Selected[] = [];
    parser.parse(text).iterate({
      enter: (node) => {
        if (node.type.isError) errors.push(`${text.slice(0, node.from)} ⟂ ${text.slice(node.from)}`);
        if (node.name === "VectorSelector") selectors.push(selected(node.node, text));
      },
    });
    return { errors, selectors };
  };
}
