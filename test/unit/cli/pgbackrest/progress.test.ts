import { BackrestProgress } from "../../../../cli/pgbackrest/progress";

test("the log's file lines become percent, bytes and rate; all else is left out", () => {
  const said: string[] = [];
  const progress = new BackrestProgress("full backup", (text) => said.push(text));
  progress.line("P00   INFO: backup start archive = 000000010000000000000002");
  progress.line("P01 DETAIL: backup file /data/base/1/1255 (bundle 1/0, 760KB, 25.50%) checksum 12ab");
  progress.line("P01 DETAIL: restore file /data/base/1/1249 (1MB, 60.00%) checksum 12ab");
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^full backup: 26 %, 760 kB, .*\/s$/);
  expect(said[1]).toMatch(/^full backup: 60 %, 1\.7 MB, .*\/s$/);
});
