import { compose } from "../../stacks/compose";
import { type Graph, graphOf, settingsOf } from "../support/graph";
import type { StackOutputs } from "../../stacks/outputs";

const answers = {
  "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({
    secretString: JSON.stringify({ password: "clear-text-of-admin" }),
  }),
  "aws:s3/getObjects:getObjects": () => ({ keys: [] }),
};
const composed = (stack: string): Promise<Graph<StackOutputs>> =>
  graphOf(() => compose(stack, settingsOf(stack)), false, answers);

test.each(["staging", "prod"])("%s composes", async (stack) => {
  const graph = await composed(stack);
  console.log([...new Set(graph.registrations.map(({ type }) => type))].sort().join("\n"), graph.registrations.length);
});
