import { randomBytes } from "node:crypto";
import { z } from "zod";
import { drawnOnce } from "./once";
import { keepers } from "./keepers";

/** `random:index/randomBytes:RandomBytes`: secret bytes; the id is their base64 form. */
export const bytes = drawnOnce({
  schema: z.strictObject({ length: z.int().min(1), keepers }),
  draw: (inputs) => {
    const drawn = randomBytes(inputs.length);
    const base64 = drawn.toString("base64");
    return { id: base64, state: { ...inputs, base64, hex: drawn.toString("hex") } };
  },
});
