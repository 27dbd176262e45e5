import * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import * as common from "@grafana/grafana-foundation-sdk/common";
import type * as sdk from "@grafana/grafana-foundation-sdk/dashboard";
import * as dashboards from "@grafana/grafana-foundation-sdk/dashboard";
import * as gauge from "@grafana/grafana-foundation-sdk/gauge";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import { duration } from "../../expression";
import { type Of, type Panel, queriesOf, type States } from "./model";
import { panelText, slowestSet } from "./scope";
import { datasource } from "./variables";

/** A, B, C; no panel has more queries than there are letters. */
export const refId = (at: number): string => String.fromCharCode(65 + at);

type Mode = "range" | "instant" | "table" | "heatmap";

/** The queries of a panel. */
export function targetsOf(panel: Panel, mode: Mode): prometheus.DataqueryBuilder[] {
  return Object.entries(queriesOf(panel)).map(([legend, expr], at) => {
    const query = new prometheus.DataqueryBuilder()
      .refId(refId(at))
      .datasource(datasource)
      .editorMode(prometheus.QueryEditorMode.Code)
      .expr(panelText(expr));
    const slow = slowestSet(expr);
    if (slow !== undefined) query.interval(duration(slow));
    if (mode === "table") return query.instant().format(prometheus.PromQueryFormat.Table);
    query.legendFormat(legend);
    if (mode === "instant") return query.instant();
    return mode === "heatmap" ? query.range().format(prometheus.PromQueryFormat.Heatmap) : query.range();
  });
}

export const mappingsOf = (states: States | undefined): sdk.ValueMapping[] =>
  states === undefined
    ? []
    : [
        {
          type: dashboards.MappingType.ValueToText,
          options: Object.fromEntries(
            Object.entries(states).map(([value, state], index) => [
              value,
              { index, ...(typeof state === "string" ? { text: state } : state) },
            ]),
          ),
        },
      ];

const color = (mode: dashboards.FieldColorModeId) => new dashboards.FieldColorBuilder().mode(mode);
const byThreshold = () => color(dashboards.FieldColorModeId.Thresholds);

const legend = () =>
  new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.Table)
    .placement(common.LegendPlacement.Bottom)
    .calcs(["lastNotNull", "max"])
    .sortBy("Last *")
    .sortDesc(true);

const tooltip = () =>
  new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending);

const last = () => new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false);

function timeseriesPanel(panel: Of<"timeseries">): sdk.Panel {
  const { marks, stacked, max } = panel;
  const style = marks === undefined ? common.GraphThresholdsStyleMode.Off : common.GraphThresholdsStyleMode.Dashed;
  const stacking = stacked === true ? common.StackingMode.Normal : common.StackingMode.None;
  const built = new timeseries.PanelBuilder()
    .targets(targetsOf(panel, "range"))
    .unit(panel.unit)
    .min(0)
    .mappings(mappingsOf(panel.states))
    .colorScheme(color(dashboards.FieldColorModeId.PaletteClassic))
    .legend(legend())
    .tooltip(tooltip())
    .drawStyle(common.GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(stacked === true ? 40 : 10)
    .showPoints(common.VisibilityMode.Never)
    .stacking(new common.StackingConfigBuilder().mode(stacking).group("A"))
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(style));
  return (max === undefined ? built : built.max(max)).build();
}

function valuePanel(panel: Of<"stat" | "gauge" | "bargauge">): sdk.Panel {
  const targets = targetsOf(panel, panel.kind === "stat" ? "range" : "instant");
  const filled = <Each extends stat.PanelBuilder | gauge.PanelBuilder | bargauge.PanelBuilder>(built: Each): Each => {
    built.targets(targets).unit(panel.unit).mappings(mappingsOf(panel.states)).colorScheme(byThreshold()).min(0);
    built.reduceOptions(last());
    if (panel.max !== undefined) built.max(panel.max);
    return built;
  };
  if (panel.kind === "gauge") return filled(new gauge.PanelBuilder()).build();
  if (panel.kind === "bargauge")
    return filled(new bargauge.PanelBuilder()).orientation(common.VizOrientation.Horizontal).build();
  return filled(new stat.PanelBuilder())
    .colorMode(panel.marks === undefined ? common.BigValueColorMode.None : common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.Area)
    .build();
}

const stateTimelinePanel = (panel: Of<"state-timeline">): sdk.Panel =>
  new statetimeline.PanelBuilder()
    .targets(targetsOf(panel, "range"))
    .unit(panel.unit)
    .mappings(mappingsOf(panel.states))
    .colorScheme(byThreshold())
    .mergeValues(true)
    .showValue(common.VisibilityMode.Auto)
    .legend(legend().displayMode(common.LegendDisplayMode.List).calcs([]))
    .tooltip(tooltip())
    .build();

const heatmapPanel = (panel: Of<"heatmap">): sdk.Panel =>
  new heatmap.PanelBuilder()
    .targets(targetsOf(panel, "heatmap"))
    .unit("short")
    .yAxis(new heatmap.YAxisConfigBuilder().unit(panel.unit))
    .showLegend()
    .build();

/** The visualization of a panel that is no table. */
export function visualization(panel: Exclude<Panel, { readonly kind: "table" }>): sdk.Panel {
  switch (panel.kind) {
    case "timeseries":
      return timeseriesPanel(panel);
    case "state-timeline":
      return stateTimelinePanel(panel);
    case "heatmap":
      return heatmapPanel(panel);
    default:
      return valuePanel(panel);
  }
}
