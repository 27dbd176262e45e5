import "./lazy-resolver";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../lib/errors";
import { compose, admitted, earlierKeysOf } from "./compose";
import { readSettings } from "./config/read";
import type { StackOutputs } from "./outputs";
import { leaveOutTraces } from "./traces";

async function run(): Promise<StackOutputs> {
  leaveOutTraces();
  try {
    const stack = pulumi.getStack();
    const settings = readSettings();
    await admitted(stack, settings);
    return compose(stack, settings, await earlierKeysOf(settings));
  } catch (error) {
    // The engine prints a RunError as it is, and a stack trace below any other.
    throw error instanceof Failure ? new pulumi.RunError(error.message) : error;
  }
}

export = run();
