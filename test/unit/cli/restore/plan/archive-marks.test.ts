import { unarchived } from "../../../../../cli/restore/plan/archive-marks";

test("the history of the new timeline is handed over, and all but the last of its segments", () => {
  const names = [
    "000000010000000000000004",
    "000000020000000000000005",
    "000000020000000000000004",
    "000000020000000000000006",
    "00000002.history",
    "archive_status",
  ];
  expect(unarchived(names)).toEqual(["00000002.history", "000000020000000000000004", "000000020000000000000005"]);
});

test("of several histories it is the newest: the older ones are in the archive", () => {
  expect(unarchived(["00000002.history", "00000003.history", "000000030000000000000009"])).toEqual([
    "00000003.history",
  ]);
});

test("a server that began no timeline has nothing to hand over", () => {
  expect(unarchived(["000000010000000000000004", "000000010000000000000005"])).toEqual([]);
});
