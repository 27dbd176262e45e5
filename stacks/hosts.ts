import { LocalHost } from "../components/platforms/local/host";
import { localSchema } from "../components/platforms/local/schema";
import type { Host, HostInput } from "../components/ports";
import { UserError } from "../components/user-error";
import type { Settings } from "./settings";

/** The only place that names platforms: the adapter of each. */
const hosts: Readonly<Record<Settings["platform"], (input: HostInput, settings: Settings) => Host>> = {
  local: (input, settings) => new LocalHost(input, settings.local ?? localSchema.parse({})),
  aws: () => {
    throw new UserError(
      "howdah:platform: aws is checked but not built yet: its adapter is not part of this version; allowed now: local",
    );
  },
};

/** The platform that the settings ask for. */
export const hostFor = (input: HostInput, settings: Settings): Host => hosts[settings.platform](input, settings);
