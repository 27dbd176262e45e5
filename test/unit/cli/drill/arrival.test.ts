import { hasArrived } from "../../../../cli/drill/arrival";

test.each([
  ["000000010000000000000005", true],
  ["000000010000000000000006", true],
  ["000000020000000000000005.partial", true],
  ["000000010000000000000005.00000028.backup", true],
  ["000000010000000000000004", false],
  ["00000002.history", false],
  [null, false],
])("with %s as the newest in the archive, arrival of 0/5000028 is %s", (last, arrived) => {
  expect(hasArrived(last, "0/5000028")).toBe(arrived);
});
