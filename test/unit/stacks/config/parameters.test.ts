import { budgetOf, mostPoolers, parameterInput } from "../../../../stacks/config/parameters";
import { parseSettings, type Settings } from "../../../../stacks/config/settings";
import { type AwsConfig, awsConfig } from "../../../support/clouds/aws-config";
import { settingsOf } from "../../../support/graph";

const awsSettings = (change: (config: AwsConfig) => void = () => undefined): Settings => {
  const config = awsConfig();
  change(config);
  return parseSettings(config);
};
const withMost = (max: number, parameters: Record<string, unknown> = {}) =>
  awsSettings(({ kubernetes, postgres }) => {
    kubernetes["poolers"] = { min: 2, max };
    postgres["parameters"] = parameters;
  });

test("the probe of all poolers that there can be has room in max_connections; a local stack has one pooler", () => {
  expect([3, 5].map((max) => mostPoolers(withMost(max)))).toEqual([3, 5]);
  expect([3, 5].map((max) => budgetOf(withMost(max)).maxConnections)).toEqual([56, 60]);
  expect(parameterInput(withMost(5)).maxConnections).toBe(60);
  expect(mostPoolers(settingsOf("local"))).toBe(1);
});

test("a max_connections that fitted before there was a probe still fits, without it", () => {
  const settings = withMost(5, { max_connections: 50 });
  expect(budgetOf(settings)).toMatchObject({ maxConnections: 50, hasProbe: false });
  expect(budgetOf(withMost(5, { max_connections: 60 }))).toMatchObject({ hasProbe: true });
});
