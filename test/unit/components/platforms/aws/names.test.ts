import fc from "fast-check";
import { backupName, identifierOf, identifierProblem, keyAlias } from "../../../../../components/platforms/aws/names";
import { awsSchema } from "../../../../../components/platforms/aws/schema/schema";
import { awsConfig } from "../../../../support/clouds/aws-config";

/** What the engine takes as the name of a stack. */
const stack = fc.stringMatching(/^[A-Za-z0-9_.-]{1,100}$/);

test("names of stacks that AWS takes stay as they are", () => {
  expect(backupName("prod")).toBe("howdah_prod");
  expect(backupName("prod-eu")).toBe("howdah_prod_eu");
  expect(keyAlias("prod-eu", "data")).toBe("alias/howdah/prod-eu/data");
  expect(keyAlias("Prod_EU", "data")).toBe("alias/howdah/Prod_EU/data");
});

test("what AWS refuses is taken out, and a hash tells such names apart", () => {
  expect(keyAlias("prod.eu", "data")).toMatch(/^alias\/howdah\/prod-eu-[0-9a-f]{8}\/data$/);
  expect(keyAlias("prod.eu", "data")).not.toBe(keyAlias("prod-eu", "data"));
  expect(backupName("a".repeat(70))).not.toBe(backupName("a".repeat(71)));
});

test("every stack gets names within the limits of the services, and no two the same ones", () => {
  fc.assert(
    fc.property(stack, stack, (left, right) => {
      expect(backupName(left)).toMatch(/^\w{1,50}$/);
      expect(keyAlias(left, "data")).toMatch(/^alias\/[\w/-]{1,250}$/);
      fc.pre(left !== right);
      expect(keyAlias(left, "data")).not.toBe(keyAlias(right, "data"));
      fc.pre(left.replaceAll("-", "_") !== right.replaceAll("-", "_"));
      expect(backupName(left)).not.toBe(backupName(right));
    }),
  );
});

describe("the identifier that follows from a stack's name", () => {
  const parsed = (identifier: string): boolean => awsSchema.safeParse({ ...awsConfig().aws, identifier }).success;

  test.each(["prod", "staging-2", "a".repeat(33)])("is good for %s", (name) => {
    expect(identifierProblem(name, {})).toBeUndefined();
    expect(identifierOf(name, {})).toBe(`howdah-${name}`);
  });

  test.each([
    ["Prod_EU", "howdah-prod-eu"],
    ["prod.eu", "howdah-prod-eu"],
    ["prod--eu", "howdah-prod-eu"],
    ["prod-", "howdah-prod"],
    ["a".repeat(70), `howdah-${"a".repeat(33)}`],
    [`${"a".repeat(32)}-b`, `howdah-${"a".repeat(32)}`],
  ])("is refused for %s, with one that will do", (name, better) => {
    expect(identifierProblem(name, {})).toContain(`not a valid RDS identifier`);
    expect(identifierProblem(name, {})).toContain(`such as "${better}"`);
  });

  test("is no matter for a config that names one", () => {
    expect(identifierProblem("Prod_EU", { identifier: "production" })).toBeUndefined();
  });

  test("is what config takes, or is refused with one that config takes", () => {
    fc.assert(
      fc.property(stack, (name) => {
        const problem = identifierProblem(name, {});
        const proposed = problem === undefined ? identifierOf(name, {}) : /such as "([^"]*)"/.exec(problem)?.[1];
        expect(parsed(proposed ?? "")).toBe(true);
        if (problem !== undefined) expect(parsed(identifierOf(name, {}))).toBe(false);
      }),
    );
  });
});
