import { judgeTargets } from "../../../../cli/checks/monitoring";

const target = (job: string, reached: boolean) => ({ job, instance: "127.0.0.1:6485", reached });

test("what Prometheus reaches is counted", () => {
  expect(judgeTargets([target("node", true), target("haproxy", true)])).toEqual([
    { what: "monitoring", good: true, detail: "Prometheus and Alertmanager answer, 2 targets seen", urgent: false },
  ]);
});

test("what it does not reach is named, and no client feels it", () => {
  expect(judgeTargets([target("node", true), target("haproxy", false)])).toEqual([
    {
      what: "monitoring",
      good: false,
      detail: "Prometheus cannot scrape haproxy (127.0.0.1:6485): no alert about it can fire",
      urgent: false,
    },
  ]);
});

test("right after a start there is nothing to count", () => {
  expect(judgeTargets([]).map(({ good, detail }) => [good, detail])).toEqual([
    [true, "Prometheus and Alertmanager answer, no targets yet"],
  ]);
});
