import { metric, promql } from "../../expression";
import { max, top } from "../kit/expressions";
import { barGauge, row, stat } from "../kit/model";
import { above, from } from "../kit/thresholds";
import { detail, legend, ofDatabase, relation } from "./tables-labels";

const index = [...relation, "indexrelname"] as const;

export const wear = row({
  title: "Wear",
  lines: [
    {
      bloat: barGauge({
        title: "Bloat of tables",
        description:
          "Estimated share of a table that holds no row; above the line in a table of a gigabyte, queries read much in vain.",
        unit: "percent",
        max: 100,
        marks: above("TableBloat"),
        queries: { [legend]: top(promql`${100} * ${max(metric("howdah_table_bloat_ratio"), ...relation)}`) },
        detail,
      }),
      "index-bloat": barGauge({
        title: "Bloat of indexes",
        description: "Estimated share of an index that holds no entry; REINDEX CONCURRENTLY gives the space back.",
        unit: "percent",
        max: 100,
        marks: from("IndexBloat"),
        queries: {
          "{{datname}} {{schemaname}}.{{indexrelname}}": top(
            promql`${100} * ${max(metric("howdah_index_bloat_ratio"), ...index)}`,
          ),
        },
      }),
    },
    {
      sequences: barGauge({
        title: "Sequences",
        description: "Values of a sequence that are used; at 100 percent inserts fail.",
        unit: "percent",
        max: 100,
        marks: above("SequenceExhaustion"),
        queries: {
          "{{datname}} {{schemaname}}.{{sequencename}}": top(
            promql`${100} * ${max(metric("howdah_sequence_used_ratio"), "datname", "schemaname", "sequencename")}`,
          ),
        },
      }),
      "integer-keys": barGauge({
        title: "Integer keys",
        description: "Values of a key's type that are used; without a larger type, inserts fail at 100 percent.",
        unit: "percent",
        max: 100,
        marks: above("IntegerKeyExhaustion"),
        queries: {
          "{{datname}} {{relname}}.{{attname}}": top(
            promql`${100} * ${max(metric("howdah_integer_key_used_ratio"), ...relation, "attname")}`,
          ),
        },
      }),
    },
  ],
});

export const unwanted = row({
  title: "What should not be there",
  lines: [
    {
      "invalid-indexes": stat({
        title: "Invalid indexes",
        description: "Indexes that were not built to their end; they slow writes down and serve no reads.",
        unit: "short",
        marks: above("IndexInvalid"),
        queries: { "{{datname}}": ofDatabase(metric("howdah_indexes_invalid")) },
      }),
      duplicates: stat({
        title: "Duplicate indexes",
        description: "Indexes with the same definition as another; each of them costs writes for nothing.",
        unit: "short",
        queries: { "{{datname}}": ofDatabase(metric("howdah_indexes_duplicate")) },
      }),
      unused: stat({
        title: "Unused indexes",
        description:
          "Bytes of indexes that were never scanned, on the server with fewest of them; writes maintain them for nothing.",
        unit: "bytes",
        // A replica may use what the primary does not.
        queries: { "{{datname}}": promql`min by (datname) (${metric("howdah_indexes_unused_bytes")})` },
      }),
      triggers: stat({
        title: "Disabled triggers",
        description: "Triggers that do not run; rows may not be what applications expect.",
        unit: "short",
        marks: above("DisabledTriggers"),
        queries: { "{{datname}}": ofDatabase(metric("howdah_triggers_disabled")) },
      }),
      unlogged: stat({
        title: "Unlogged tables",
        description: "Tables that are empty after a crash or a failover.",
        unit: "short",
        marks: above("UnloggedTables"),
        queries: { "{{datname}}": ofDatabase(metric("howdah_tables_unlogged")) },
      }),
      unreadable: stat({
        title: "Unreadable sequences",
        description: "Sequences that the collector may not read; how much of them is used is not known.",
        unit: "short",
        queries: { "{{datname}}": ofDatabase(metric("howdah_sequences_unreadable")) },
      }),
    },
  ],
});
