import { randomBytes } from "node:crypto";
import { z } from "zod";
import { keepers } from "./keepers";
import { drawnOnce } from "./once";

/** `random:index/randomId:RandomId`: the same bytes in four notations; the id is the URL-safe one without the prefix. */
export const id = drawnOnce({
  schema: z.strictObject({ byteLength: z.int().min(1), prefix: z.string().optional(), keepers }),
  draw: (inputs) => {
    const drawn = randomBytes(inputs.byteLength);
    const hex = drawn.toString("hex");
    const url = drawn.toString("base64url");
    const prefix = inputs.prefix ?? "";
    const state = {
      ...inputs,
      b64Std: prefix + drawn.toString("base64"),
      b64Url: prefix + url,
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    };
    return { id: url, state };
  },
});
