import * as programs from "node:child_process";
import { capture } from "../../../lib/process/attended";
import { run } from "../../../lib/process/task";

test("a unit test that starts a program fails, whichever way it starts it", async () => {
  const refusal = "belongs to test/integration";
  expect(() => programs.execFileSync("true")).toThrow(refusal);
  expect(() => programs.exec("true")).toThrow(refusal);
  expect(() => programs.fork("true")).toThrow(refusal);
  expect(() => capture({ program: "true" })).toThrow(refusal);
  await expect(run({ program: "true" })).rejects.toThrow(refusal);
});
