import { checkout } from "../../../lib/paths";
import { capture } from "../../../lib/process/attended";
import { typescript } from "../../support/typescript";

/** What a program prints that first runs `before`, and then loads Pulumi's SDK. */
function printed(before: string, program: string): string {
  const script = `${before}
    require("@pulumi/pulumi");
    const files = (name) => Object.keys(require.cache).filter((path) => path.includes("/" + name + "/")).length;
    ${program}`;
  const { code, stdout, stderr } = capture({
    program: process.execPath,
    args: [...typescript, "--eval", script],
    cwd: checkout,
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
  });
  expect([code, stderr]).toEqual([0, ""]);
  return stdout.trim();
}

const late = 'require("./stacks/lazy-resolver");';

test("Pulumi's SDK is loaded without npm's resolver", () => {
  expect(printed(late, 'console.log(files("pacote"), files("metavuln-calculator"))')).toBe("0 0");
});

test("control: by itself it loads it", () => {
  expect(Number(printed("", 'console.log(files("pacote"))'))).toBeGreaterThan(5);
});

test("what takes something from the resolver gets it", () => {
  const take = 'const { Arborist } = require("@npmcli/arborist"); console.log(new Arborist({ path: "/" }).path)';
  expect(printed(late, take)).toBe("/");
});
