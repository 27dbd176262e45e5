import { leaveOutTraces, onlyThrown } from "../../../stacks/traces";

const mapped = (error: Error): string => `${error.name}: ${error.message}\n    at somewhere (program.ts:1:1)`;
const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");

afterEach(() => {
  delete process.env["PULUMI_DEBUG_PROMISE_LEAKS"];
  if (before === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
  else Object.defineProperty(Error, "prepareStackTrace", before);
});

test("what is thrown keeps its trace, and what Pulumi takes along the way has none", () => {
  Error.prepareStackTrace = mapped;
  leaveOutTraces();
  expect(new TypeError("of the program").stack).toBe(mapped(new TypeError("of the program")));
  expect(new Error().stack).toBe("Error");
});

test("an error without a message is mapped where leaked promises are looked for", () => {
  process.env["PULUMI_DEBUG_PROMISE_LEAKS"] = "true";
  Error.prepareStackTrace = mapped;
  leaveOutTraces();
  expect(new Error().stack).toBe(mapped(new Error("")));
});

test("without a mapper of traces, nothing is changed", () => {
  Reflect.deleteProperty(Error, "prepareStackTrace");
  leaveOutTraces();
  expect(Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")).toBeUndefined();
  expect(onlyThrown(mapped)(new Error(), [])).toBe("Error");
});
