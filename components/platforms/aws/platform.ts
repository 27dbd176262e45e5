import { createRequire } from "node:module";
import { toBytes } from "../../../lib/values";
import { definePlatform } from "../define";
import { sectionProblems } from "./rules/sections";
import { storageOf } from "./schema/schema";
import { awsSections } from "./schema/sections";
import { defaults } from "./defaults";
import { engineDefaults, serverSize } from "./sizes";

const load = createRequire(__filename);

/** AWS: RDS or Aurora, with PgBouncer and the jobs on a Kubernetes cluster. */
export const aws = definePlatform({
  name: "aws",
  sections: awsSections,
  required: ["aws", "kubernetes"],
  defaults,
  // Collectors and rules are for a Prometheus of the cluster.
  monitoring: false,
  sizeSetting: ["aws", "instanceClass"],
  size: (_postgres, { aws: settings }) => (settings === undefined ? undefined : serverSize(settings)),
  parameters: ({ aws: settings }) =>
    settings === undefined
      ? {}
      : {
          defaults: engineDefaults(settings),
          ...(settings.topology === "aurora" ? {} : { diskBytes: toBytes(storageOf(settings).size) }),
        },
  poolers: ({ kubernetes }) => kubernetes?.poolers.max,
  problems: sectionProblems,
  load: () => load("./adapter") as typeof import("./adapter"),
});
