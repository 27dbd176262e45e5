import { metric, minutes, promql } from "../../expression";
import { max, sum } from "../kit/expressions";
import { row, timeseries } from "../kit/model";
import { above, from } from "../kit/thresholds";

const perSubscription = ["server", "datname", "subname"] as const;

const applied = metric("howdah_subscription_apply_errors_total").over(minutes(15));
const copied = metric("howdah_subscription_sync_errors_total").over(minutes(15));

export const logical = row({
  title: "Logical replication",
  folded: true,
  lines: [
    {
      logical: timeseries({
        title: "Lag of subscriptions",
        description: "Age of the last position that a subscription has confirmed; its tables show rows that old.",
        unit: "s",
        marks: above("LogicalLag"),
        queries: { "{{datname}} {{subname}}": max(metric("howdah_subscription_lag_seconds"), ...perSubscription) },
      }),
      "logical-errors": timeseries({
        title: "Errors of subscriptions",
        description:
          "Errors in a quarter of an hour, of applying changes or copying tables; until they end, the subscription stands still.",
        unit: "short",
        marks: from("LogicalApplyErrors"),
        queries: {
          "{{datname}} {{subname}}": sum(promql`increase(${applied}) + increase(${copied})`, ...perSubscription),
        },
      }),
      "logical-workers": timeseries({
        title: "Workers of subscriptions",
        description: "Workers that run; a subscription without one applies nothing.",
        unit: "short",
        queries: { "{{datname}} {{subname}}": sum(metric("howdah_subscription_workers"), ...perSubscription) },
      }),
    },
  ],
});
