import * as pulumi from "@pulumi/pulumi";
import { ownKeys } from "./keys";
import { parseSettings, type Settings } from "./settings";

/**
 * The stack's settings, as the engine hands them over.
 * @throws ConfigError listing every problem
 */
export const readSettings = (): Settings => parseSettings(ownKeys(pulumi.runtime.allConfig()), pulumi.getStack());
