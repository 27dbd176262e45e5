import { runInThisContext } from "node:vm";
import { leaveOutTraces } from "../../../stacks/traces";

// Jest maps every frame of a trace, too, by a formatter of its own realm: the `Error` of a test does not have it.
const ofJest = Object.getOwnPropertyDescriptor(runInThisContext("Error") as object, "prepareStackTrace");
if (ofJest !== undefined) Object.defineProperty(Error, "prepareStackTrace", ofJest);
leaveOutTraces();
