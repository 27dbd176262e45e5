import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../components/user-error";
import { compose } from "./compose";
import { readSettings } from "./config";
import type { StackOutputs } from "./outputs";
import { leaveOutTraces } from "./traces";

function run(): StackOutputs {
  leaveOutTraces();
  try {
    return compose(pulumi.getStack(), readSettings());
  } catch (error) {
    // The engine prints a RunError as it is, and a stack trace below any other.
    throw error instanceof UserError ? new pulumi.RunError(error.message) : error;
  }
}

export = run();
