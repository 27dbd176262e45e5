import { z } from "zod";

/*
 * Grafana's format of dashboards, schema v1, as far as ours use it: strict, so that a key that no one has thought of fails. From
 * Grafana's documentation, "JSON model", and kinds/dashboard/dashboard_kind.cue.
 */

const datasource = z.strictObject({ type: z.literal("prometheus"), uid: z.literal("$datasource") });

const color = z.enum(["red", "orange", "yellow", "green", "blue", "purple", "text"]);

const step = z.strictObject({ value: z.number().nullable(), color });

const thresholds = z
  .strictObject({ mode: z.literal("absolute"), steps: z.array(step).min(1) })
  .refine(({ steps: [first, ...rest] }) => first?.value === null && rest.every(({ value }) => value !== null), {
    error: "the first step has no value, and the others have one",
  })
  .refine(({ steps }) => steps.every(({ value }, at) => at < 2 || Number(value) > Number(steps[at - 1]?.value)), {
    error: "the values rise",
  });

const link = z.strictObject({
  title: z.string().min(1),
  type: z.enum(["link", "dashboards"]),
  url: z.string(),
  icon: z.string(),
  tooltip: z.string(),
  tags: z.array(z.string()),
  asDropdown: z.boolean(),
  targetBlank: z.boolean(),
  includeVars: z.boolean(),
  keepTime: z.boolean(),
});

const mapping = z.strictObject({
  type: z.literal("value"),
  options: z.record(
    z.string().regex(/^\d+$/),
    z.strictObject({ index: z.int(), text: z.string().min(1), color: color.optional() }),
  ),
});

const target = z
  .strictObject({
    refId: z.string().regex(/^[A-Z]$/),
    datasource,
    editorMode: z.literal("code"),
    expr: z.string().min(1),
    legendFormat: z.string().min(1).optional(),
    range: z.boolean(),
    instant: z.boolean(),
    format: z.enum(["table", "heatmap"]).optional(),
    interval: z
      .string()
      .regex(/^\d+[smhd]$/)
      .optional(),
  })
  .refine(({ range, instant }) => range !== instant, { error: "range or instant" })
  .refine(({ format, legendFormat }) => (format === "table") === (legendFormat === undefined), {
    error: "a legend, except in a table",
  });

const gridPos = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});

const legend = z.strictObject({
  showLegend: z.literal(true),
  displayMode: z.enum(["list", "table"]),
  placement: z.enum(["bottom", "right"]),
  calcs: z.array(z.string()),
  sortBy: z.string().optional(),
  sortDesc: z.boolean().optional(),
});
const tooltip = z.strictObject({ mode: z.literal("multi"), sort: z.enum(["asc", "desc", "none"]) });
const reduceOptions = z.strictObject({ calcs: z.tuple([z.literal("lastNotNull")]), values: z.literal(false) });

/** What the visualizations have of their own. */
const options = {
  timeseries: z.strictObject({ legend, tooltip }),
  stat: z.looseObject({ reduceOptions, colorMode: z.enum(["none", "value"]), graphMode: z.literal("area") }),
  gauge: z.looseObject({ reduceOptions }),
  bargauge: z.looseObject({ reduceOptions, orientation: z.literal("horizontal") }),
  "state-timeline": z.looseObject({ legend, tooltip, mergeValues: z.literal(true) }),
  heatmap: z.looseObject({
    yAxis: z.looseObject({ unit: z.string() }),
    legend: z.strictObject({ show: z.literal(true) }),
  }),
  table: z.looseObject({
    showHeader: z.literal(true),
    sortBy: z.tuple([z.strictObject({ displayName: z.string(), desc: z.boolean() })]),
  }),
} as const;

const override = z.strictObject({
  matcher: z.strictObject({ id: z.literal("byName"), options: z.string() }),
  properties: z.array(z.strictObject({ id: z.string(), value: z.unknown() })).min(1),
});

const common = {
  id: z.int().min(1).max(0x7fffffff),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource,
  gridPos,
  links: z.array(link),
  targets: z.array(target).min(1).max(26),
  transparent: z.literal(false),
  repeatDirection: z.literal("h"),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({
      unit: z.string().optional(),
      min: z.literal(0).optional(),
      max: z.number().optional(),
      mappings: z.array(mapping).optional(),
      color: z.strictObject({ mode: z.enum(["palette-classic", "thresholds"]) }).optional(),
      custom: z.looseObject({}).optional(),
      thresholds,
      links: z.array(link),
    }),
    overrides: z.array(override),
  }),
};

const transformations = z.tuple([
  z.strictObject({ id: z.literal("merge"), options: z.strictObject({}) }),
  z.strictObject({
    id: z.literal("organize"),
    options: z.strictObject({
      excludeByName: z.strictObject({ Time: z.literal(true) }),
      indexByName: z.record(z.string(), z.int()),
      renameByName: z.record(z.string(), z.string().min(1)),
    }),
  }),
]);

const kinds = Object.keys(options) as (keyof typeof options)[];

const panel = z.union(
  kinds.map((type) =>
    z.strictObject({
      ...common,
      type: z.literal(type),
      options: options[type],
      ...(type === "table" ? { transformations } : {}),
    }),
  ),
);

const row = z.strictObject({
  type: z.literal("row"),
  id: common.id,
  title: z.string().min(1),
  collapsed: z.boolean(),
  gridPos,
  panels: z.array(panel),
});

const selected = z.strictObject({ text: z.string(), value: z.string() });

const variable = z.union([
  z.strictObject({
    type: z.literal("datasource"),
    name: z.literal("datasource"),
    label: z.string(),
    query: z.literal("prometheus"),
  }),
  z.strictObject({
    type: z.literal("query"),
    name: z.string().regex(/^[a-z]+$/),
    label: z.string(),
    datasource,
    query: z.string(),
    definition: z.string(),
    refresh: z.literal(2),
    sort: z.literal(7),
    multi: z.literal(true).optional(),
    includeAll: z.literal(true).optional(),
    allValue: z.literal(".*").optional(),
    current: selected.optional(),
  }),
  z.strictObject({
    type: z.literal("textbox"),
    name: z.string(),
    label: z.string(),
    query: z.string(),
    current: selected,
    hide: z.literal(2),
  }),
]);

const annotation = z.strictObject({
  name: z.string().min(1),
  datasource,
  enable: z.boolean(),
  hide: z.literal(false),
  iconColor: color,
  expr: z.string().min(1),
  titleFormat: z.string().min(1),
  step: z.string(),
});

/** A dashboard of schema v1. */
export const dashboardSchema = z.strictObject({
  uid: z.string().regex(/^[a-z-]{8,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()).min(1),
  timezone: z.literal("browser"),
  editable: z.boolean(),
  graphTooltip: z.literal(1),
  fiscalYearStartMonth: z.literal(0),
  schemaVersion: z.literal(42),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.literal("now") }),
  templating: z.strictObject({ list: z.array(variable) }),
  annotations: z.strictObject({ list: z.array(annotation) }),
  links: z.array(link),
  panels: z.array(z.union([row, panel])),
});

export type DashboardJson = z.output<typeof dashboardSchema>;
export type PanelJson = z.output<typeof panel>;
export type RowJson = z.output<typeof row>;
