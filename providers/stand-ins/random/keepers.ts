import { z } from "zod";

/** Arbitrary values; a change of any draws again. */
export const keepers = z.record(z.string(), z.string()).optional();
