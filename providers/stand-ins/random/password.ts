import { z } from "zod";
import { bcrypt } from "../../../lib/text/bcrypt";
import { drawPassword } from "./draw";
import { keepers } from "./keepers";
import { drawnOnce } from "./once";

const minimum = z.int().min(0).default(0);
const allowed = z.boolean().default(true);

const schema = z
  .strictObject({
    length: z.int().min(1),
    upper: allowed,
    lower: allowed,
    special: allowed,
    numeric: z.boolean().optional(),
    /** Deprecated name of `numeric`. */
    number: z.boolean().optional(),
    minUpper: minimum,
    minLower: minimum,
    minNumeric: minimum,
    minSpecial: minimum,
    overrideSpecial: z.string().optional(),
    keepers,
  })
  .transform((raw) => {
    const numeric = raw.numeric ?? raw.number ?? true;
    return { ...raw, numeric, number: raw.number ?? numeric };
  })
  .refine((want) => want.number === want.numeric, { path: ["number"], error: "differs from numeric; use numeric only" })
  .refine((want) => want.upper || want.lower || want.numeric || want.special, {
    path: ["special"],
    error: "one of upper, lower, numeric and special has to be true",
  })
  .refine((want) => want.length >= want.minUpper + want.minLower + want.minNumeric + want.minSpecial, {
    path: ["length"],
    error: "is less than minUpper + minLower + minNumeric + minSpecial",
  });

/** `random:index/randomPassword:RandomPassword`: the id is always `none`. */
export const password = drawnOnce({
  schema,
  draw: (inputs) => {
    const result = drawPassword(inputs);
    // The official plugin upgrades states that don't say they are of its third schema.
    return { id: "none", state: { ...inputs, result, bcryptHash: bcrypt(result), __meta: '{"schema_version":"3"}' } };
  },
});
