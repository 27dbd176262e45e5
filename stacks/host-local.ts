import { LocalHost } from "../components/platforms/local/host";
import { removalsAllowed } from "../components/platforms/local/postgres/removals";
import { type LocalSettings, localSchema } from "../components/platforms/local/schema";
import type { Host, HostInput } from "../components/ports";
import type { Settings } from "./config/settings";

const local = (settings: Settings): LocalSettings => settings.local ?? localSchema.parse({});

/** This machine. */
export const host = (input: HostInput, settings: Settings): Host => new LocalHost(input, local(settings));

/** Nothing that holds data leaves without the word. */
export const admit = (stack: string, settings: Settings): Promise<void> =>
  removalsAllowed({ stack, ...settings, local: local(settings) });
