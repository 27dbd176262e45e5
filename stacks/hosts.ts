import { createRequire } from "node:module";
import type { Host, HostInput } from "../components/ports";
import type { Settings } from "./config/settings";

type MakeHost = (input: HostInput, settings: Settings) => Host;

/** Resolves once a change may be made, before anything else is registered; absent where the engine's own protection does it. */
type Admit = (stack: string, settings: Settings) => Promise<void>;

/** Only what the stack needs is loaded: the packages of a cloud would cost every preview of a local stack half a second. */
const load = createRequire(__filename);

/** The only place that names platforms: the adapter of each. */
const hosts: Readonly<Record<Settings["platform"], () => { readonly host: MakeHost; readonly admit?: Admit }>> = {
  local: () => load("./host-local") as typeof import("./host-local"),
  aws: () => load("./host-aws") as typeof import("./host-aws"),
};

/** Has the platform look whether a change may be made. A refused one fails here, and has touched nothing. */
export const admitted: Admit = async (stack, settings) => hosts[settings.platform]().admit?.(stack, settings);

/** The platform that the settings ask for. */
export const hostFor: MakeHost = (input, settings) => hosts[settings.platform]().host(input, settings);
