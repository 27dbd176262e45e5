import type { Selector } from "../../expression";
import { max } from "../kit/expressions";
import type { Detail } from "../kit/model";

/** Labels of a table, how it is called, and where a click on it leads. */
export const relation = ["datname", "schemaname", "relname"] as const;
export const legend = "{{datname}} {{schemaname}}.{{relname}}";
export const detail: Detail = {
  title: "This table",
  dashboard: "tables",
  variables: { table: "relname", database: "datname" },
};

/** Facts of a schema are the same on all servers. */
export const ofDatabase = (facts: Selector) => max(facts, "datname");
