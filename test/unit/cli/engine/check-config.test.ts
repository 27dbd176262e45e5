import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, locations } from "../../../../lib/paths";
import { checkConfig } from "../../../../cli/engine/check-config";

const at = locations({ HOWDAH_STATE_ROOT: "/var/lib/howdah" }, { uid: 0, home: "/root" });
const check = (config: string | undefined, stack = "mine"): void => {
  checkConfig({ stack, source: `/somewhere/${stack}.yaml`, config, at });
};
const shipped = (stack: string): string => readFileSync(join(checkout, `Pulumi.${stack}.yaml`), "utf8");
const local = shipped("local");

/** The message for a config, or undefined if it is good. */
function problemsOf(config: string): string | undefined {
  try {
    check(config);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

test.each(["local", "staging", "prod"])("the config of %s that is shipped is good", (stack) => {
  expect(() => {
    check(shipped(stack), stack);
  }).not.toThrow();
});

test("every problem is named at once, with the file", () => {
  const wrong = local
    .replace(/replicas: \d+/, "replica: 2")
    .replace(/portBase: \d+/, "portBase: 70000")
    .replace("howdah:platform: local", "howdah:platform: local\n  howdah:poolr: {}");
  const said = problemsOf(wrong)!;
  expect(said).toContain("in the stack's config (/somewhere/mine.yaml):");
  expect(said).toMatch(/howdah:poolr: .*\(did you mean "pooler"\?\)/);
  expect(said).toMatch(/howdah:postgres\.replica: unknown key \(did you mean "replicas"\?\)/);
  expect(said).toMatch(/howdah:local\.portBase: found 70000/);
  expect(said.split("\n").length).toBeGreaterThanOrEqual(4);
});

test.each([
  ["too long for a socket", `/srv/${"a".repeat(100)}`, /stateDirectory: .* is too long/],
  ["with characters of a shell", "/srv/a b/c", /stateDirectory/],
])("a state folder %s is found, too", (_what, folder, message) => {
  expect(problemsOf(local.replace(/(portBase: \d+)/, `$1\n    stateDirectory: ${JSON.stringify(folder)}`))).toMatch(
    message,
  );
});

test("a file that is no YAML is named with the line", () => {
  expect(problemsOf("config:\n  a: [1\n  b: 2\n")).toMatch(/^\/somewhere\/mine\.yaml is not valid YAML: .*line \d+/s);
});

test("what only the engine can read is left to the program", () => {
  const wrong = local.replace(/replicas: \d+/, "replicas: many");
  expect(problemsOf(wrong)).toContain("howdah:postgres.replicas");
  expect(problemsOf(`${wrong}\n  other:token:\n    secure: v1:abc\n`)).toBeUndefined();
  expect(problemsOf(`environment: [base]\n${wrong}`)).toBeUndefined();
  expect(() => {
    check(undefined);
  }).not.toThrow();
});
