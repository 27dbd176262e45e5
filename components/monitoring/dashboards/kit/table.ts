import * as common from "@grafana/grafana-foundation-sdk/common";
import type { DataTransformerConfig, DynamicConfigValue, Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import * as table from "@grafana/grafana-foundation-sdk/table";
import type { Of } from "./model";
import { mappingsOf, refId, targetsOf } from "./panel";
import { stepsOf } from "./thresholds";

/** Name that Grafana gives the value of a query. */
const valueName = (at: number, count: number): string => (count === 1 ? "Value" : `Value #${refId(at)}`);

/** One row for each set of labels, with headers in the order of the panel. */
function transformations({ labels, values }: Of<"table">): DataTransformerConfig[] {
  const headers = Object.keys(values);
  const names = headers.map((header, at): [string, string] => [valueName(at, headers.length), header]);
  const columns = [...Object.entries(labels), ...names];
  return [
    { id: "merge", options: {} },
    {
      id: "organize",
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(columns.map(([name], at) => [name, at])),
        renameByName: Object.fromEntries(columns),
      },
    },
  ];
}

/** What a column has of its own. */
function propertiesOf(panel: Of<"table">, header: string): DynamicConfigValue[] {
  const column = panel.values[header];
  if (column === undefined) return [];
  const marked = header === panel.sort && panel.marks !== undefined;
  return [
    { id: "unit", value: column.unit },
    ...(column.states === undefined ? [] : [{ id: "mappings", value: mappingsOf(column.states) }]),
    ...(marked
      ? [
          { id: "thresholds", value: { mode: "absolute", steps: stepsOf(panel.marks) } },
          { id: "custom.cellOptions", value: { type: common.TableCellDisplayMode.ColorText } },
        ]
      : []),
  ];
}

/** A table. */
export function tablePanel(panel: Of<"table">): Panel {
  const { sort, ascending } = panel;
  const built = new table.PanelBuilder()
    .targets(targetsOf(panel, "table"))
    .transformations(transformations(panel))
    .filterable(true)
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(sort).desc(ascending !== true)]);
  for (const header of Object.keys(panel.values)) built.overrideByName(header, propertiesOf(panel, header));
  return built.build();
}
