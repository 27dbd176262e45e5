import type { Problem } from "../../lib/values";
import { covers } from "./cidr";
import type { NetworkSettings } from "./schema";

/** Ranges that add nothing to another one: taking such an entry out would seem to shut clients out, and does not. */
export const networkProblems = ({ allow }: NetworkSettings): Problem[] =>
  allow.flatMap(({ cidr }, index) => {
    const other = allow.findIndex(
      (source, at) => at !== index && covers(source.cidr, cidr) && (source.cidr !== cidr || at < index),
    );
    const outer = allow[other];
    if (outer === undefined) return [];
    const found =
      outer.cidr === cidr
        ? `found "${cidr}", which howdah:network.allow[${other}].cidr admits already`
        : `found "${cidr}", which is within howdah:network.allow[${other}].cidr, "${outer.cidr}"`;
    return [{ path: ["network", "allow", index, "cidr"], message: `${found}; remove one of the two` }];
  });
