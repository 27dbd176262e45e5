import { createRequire } from "node:module";
import { brokenRules } from "../../../lib/values";
import type { ServerSize } from "../../postgres/schema";
import { objectiveRules } from "../../postgres/objectives";
import type { SharedSections } from "../../ports";
import { checkOf, definePlatform } from "../define";
import { layoutOf } from "./layout";
import { localSections } from "./schema";

const load = createRequire(__filename);

/** A small server, next to the others of a developer's machine. */
const usual: ServerSize = { memory: "1 GB", cpus: 2 };

const objectiveProblems = checkOf<SharedSections>()(["objectives", "postgres"], (settings) =>
  brokenRules(objectiveRules, settings),
);

/** This machine: Patroni, PgBouncer and pgBackRest under a supervisor. */
export const local = definePlatform({
  name: "local",
  sections: localSections,
  required: [],
  defaults: {
    profile: "development",
    dumps: null,
    protect: false,
    extensions: ["pg_stat_statements"],
  },
  monitoring: true,
  size: ({ memory, cpus }) => ({ memory: memory ?? usual.memory, cpus: cpus ?? usual.cpus }),
  problems: objectiveProblems,
  machine: {
    assertFits: (stack, { local: settings }) => {
      layoutOf({ ...stack, settings });
    },
  },
  load: () => load("./adapter") as typeof import("./adapter"),
});
