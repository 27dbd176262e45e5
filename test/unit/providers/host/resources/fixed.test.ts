import { host } from "../../../../../providers/host/host";
import { PluginStage } from "../../../../support/plugins/stage";

const stage = new PluginStage(host);
const inputs = { values: { "howdah:local.etcdMembers": "3" }, advice: "Make a new stack." };

test("a change of a value is refused with what it was, what it became and what to do", async () => {
  const made = await stage.create("Fixed", inputs);
  await expect(stage.diff(made, { ...inputs, values: { "howdah:local.etcdMembers": "1" } })).rejects.toThrow(
    'cannot change after the stack was created: howdah:local.etcdMembers is "3" and cannot become "1". Make a new stack.',
  );
});

test("another value in addition, or another advice, is taken", async () => {
  const made = await stage.create("Fixed", inputs);
  expect(await stage.diff(made, inputs)).toEqual([]);
  const more = { values: { ...inputs.values, "howdah:postgres.version": "15" }, advice: "Wait." };
  expect((await stage.diff(made, more)).map(({ property }) => property)).toEqual(["values", "advice"]);
  expect((await stage.update(made, more)).state).toEqual(more);
});
