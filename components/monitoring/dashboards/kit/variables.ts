import {
  type VariableModel,
  VariableHide,
  VariableRefresh,
  VariableSort,
  VariableType,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { type Matcher, metric, type Scope, type Selection, type Selector } from "../../expression";
import { panelScope } from "./scope";

export const datasource = { type: "prometheus", uid: "$datasource" } as const;

interface Choice {
  readonly label: string;
  /** Series whose label has the values, and that label. */
  readonly values: readonly [Selector, string];
  /** True if several, or all, may be chosen. */
  readonly multi?: true;
}

/** In the order in which readers choose; the values of one depend on those before it. */
const choices: Readonly<Record<string, Choice>> = {
  stack: { label: "Stack", values: [metric("howdah_collector_up"), "stack"] },
  server: { label: "Server", values: [metric("pg_up"), "server"], multi: true },
  database: { label: "Database", values: [metric("pg_stat_database_numbackends"), "datname"], multi: true },
  pool: { label: "Pooled database", values: [metric("pgbouncer_stats_queries_pooled_total"), "database"], multi: true },
  host: { label: "Host", values: [metric("node_boot_time_seconds"), "host"], multi: true },
  queryid: { label: "Query ID", values: [metric("pg_stat_statements_calls_total"), "queryid"] },
  table: { label: "Table", values: [metric("pg_stat_user_tables_n_live_tup"), "relname"] },
};

/** The values of one do not depend on itself, or on those after it. */
function queryOf(name: string, { values: [selector, label] }: Choice): string {
  const before = Object.keys(choices).slice(0, Object.keys(choices).indexOf(name));
  const isBefore = (matcher: Matcher): boolean =>
    before.some((other) => JSON.stringify(matcher).includes(`$${other}"`));
  const scope = (selection: Selection): Scope =>
    Object.fromEntries(Object.entries(panelScope(selection)).filter(([, matcher]) => isBefore(matcher)));
  return `label_values(${selector.text(scope)}, ${label})`;
}

const all = { text: "All", value: "$__all" } as const;

function choiceOf(name: string, choice: Choice): VariableModel {
  const query = queryOf(name, choice);
  return {
    type: VariableType.Query,
    name,
    label: choice.label,
    datasource,
    query,
    definition: query,
    refresh: VariableRefresh.OnTimeRangeChanged,
    sort: VariableSort.NaturalAsc,
    // ".*" and not ".+": some series of a set have no server.
    ...(choice.multi === true ? { multi: true, includeAll: true, allValue: ".*", current: all } : {}),
  };
}

const isUsed = (name: string, texts: readonly string[]): boolean =>
  texts.some((text) => new RegExp(`\\$(${name}\\b|\\{${name}\\b)`).test(text));

/** Those that the texts use, and those that these depend on. */
function used(texts: readonly string[]): string[] {
  const names = Object.keys(choices).filter((name) => isUsed(name, texts));
  const queries = names.map((name) => queryOf(name, choices[name] as Choice));
  const more = Object.keys(choices).filter((name) => isUsed(name, [...texts, ...queries]));
  return more.length === names.length ? names : used([...texts, ...queries]);
}

/** The variables of a dashboard. @param texts PromQL of its panels @param runbooks address of the folder with the runbooks */
export function variablesOf(texts: readonly string[], runbooks: string): VariableModel[] {
  return [
    { type: VariableType.Datasource, name: "datasource", label: "Data source", query: "prometheus" },
    ...used(texts).map((name) => choiceOf(name, choices[name] as Choice)),
    // Not a constant, which Grafana would read from the file again: a link to the dashboard may set another address.
    {
      type: VariableType.Textbox,
      name: "runbooks",
      label: "Runbooks",
      query: runbooks,
      current: { text: runbooks, value: runbooks },
      hide: VariableHide.HideVariable,
    },
  ];
}

/** Part of a URL that passes on what is selected, if both dashboards have it. */
export const passedOn = (names: readonly string[]): string =>
  ["datasource", ...names].map((name) => `\${${name}:queryparam}`).join("&");
