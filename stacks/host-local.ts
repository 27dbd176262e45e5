import { LocalHost } from "../components/platforms/local/host";
import { localSchema } from "../components/platforms/local/schema";
import type { Host, HostInput } from "../components/ports";
import type { Settings } from "./settings";

/** This machine. */
export const host = (input: HostInput, settings: Settings): Host =>
  new LocalHost(input, settings.local ?? localSchema.parse({}));
