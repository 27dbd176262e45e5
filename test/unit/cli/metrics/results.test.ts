import { Results } from "../../../../cli/metrics/results";
import { renderText } from "../../../../cli/metrics/series";

const place = { server: "node1", database: "", duration: 0.5 };
const up = (results: Results, set: string): number | undefined =>
  results
    .series()
    .at(-1)
    ?.howdah_collector_up?.find(([labels]) => labels.set === set)?.[1];
const linesOf = (results: Results, name: string): string[] =>
  renderText(results.series())
    .split("\n")
    .filter((line) => line.startsWith(name));

test("a frequent set shows nothing of before once it fails, but what there is to say of the failure", () => {
  const results = new Results(() => 0);
  const set = { ...place, set: "availability", interval: 10 } as const;
  results.add({ ...set, series: { pg_up: [[{ server: "node1" }, 1]], howdah_timeline: [[{ server: "node1" }, 3]] } });
  results.add({ ...set, series: undefined, failed: { pg_up: [[{ server: "node1" }, 0]] } });
  expect(up(results, "availability")).toBe(0);
  expect(linesOf(results, "pg_up")).toEqual(['pg_up{server="node1"} 0']);
  expect(linesOf(results, "howdah_timeline")).toEqual([]);
});

test("an expensive set keeps its figures for two intervals", () => {
  let now = 0;
  const results = new Results(() => now);
  const set = { ...place, set: "size", interval: 300 } as const;
  results.add({ ...set, series: { pg_database_size_bytes: [[{ server: "node1", datname: "shop" }, 7]] } });
  now = 599_000;
  results.add({ ...set, series: undefined, failed: {} });
  expect(linesOf(results, "pg_database_size_bytes")).toHaveLength(1);
  now = 600_000;
  results.add({ ...set, series: undefined, failed: {} });
  expect(linesOf(results, "pg_database_size_bytes")).toHaveLength(0);
  expect(up(results, "size")).toBe(0);
});

test("a set is up if it is in every database", () => {
  const results = new Results(() => 0);
  results.add({ ...place, set: "tables", interval: 300, database: "a", series: {} });
  results.add({ ...place, set: "tables", interval: 300, database: "b", series: undefined });
  expect(up(results, "tables")).toBe(0);
  results.add({ ...place, set: "tables", interval: 300, database: "b", series: {} });
  expect(up(results, "tables")).toBe(1);
});

test("the name that rules of others know says for each server whether a set of it failed", () => {
  const results = new Results(() => 0);
  results.add({ ...place, set: "wal", interval: 30, series: {} });
  results.add({ ...place, set: "locks", interval: 15, series: undefined });
  results.add({ ...place, server: "node2", set: "wal", interval: 30, series: {} });
  results.add({ ...place, server: "", set: "pooler", interval: 10, series: undefined });
  expect(linesOf(results, "pg_exporter_last_scrape_error")).toEqual([
    'pg_exporter_last_scrape_error{server="node1"} 1',
    'pg_exporter_last_scrape_error{server="node2"} 0',
  ]);
});
