import { parseCatalog } from "../../../../cli/pgbackrest/sets";

const backup = (label: string, stop: number, more: object = {}) => ({
  label,
  database: { id: 1 },
  type: "full",
  error: false,
  reference: null,
  archive: { start: "000000010000000000000002", stop: "000000010000000000000003" },
  lsn: { start: "0/2000028", stop: "0/3000100" },
  info: { size: 1000, repository: { delta: 100, size: 100 } },
  timestamp: { start: stop - 5, stop },
  ...more,
});
const archive = (id: string) => ({ id, database: { id: Number(id.split("-")[1]) } });
const full = "20261125-010000F";
const diff = `${full}_20261125-020000D`;
const info = (stanza: object): string =>
  JSON.stringify([{ status: { code: 0, message: "ok" }, archive: [], ...stanza }]);

test("backups come oldest first, with tier and canary where they have one", () => {
  const annotated = {
    annotation: { tier: "daily", canary: "7-abc" },
    type: "diff",
    reference: [full],
    database: { id: 2 },
  };
  const { sets, archiveId } = parseCatalog(
    info({ archive: [archive("14-1"), archive("15-2")], backup: [backup(diff, 200, annotated), backup(full, 100)] }),
  );
  expect(archiveId).toBe("15-2");
  expect(sets.map(({ label, tier, canary, needs, archiveId: own }) => ({ label, tier, canary, needs, own }))).toEqual([
    { label: full, tier: undefined, canary: undefined, needs: [], own: "14-1" },
    { label: diff, tier: "daily", canary: "7-abc", needs: [full], own: "15-2" },
  ]);
  expect(sets[0]).toMatchObject({
    startedAt: 95_000,
    stoppedAt: 100_000,
    size: 1000,
    added: 100,
    stopLsn: "0/3000100",
  });
});

test("a tier that this version does not know is no tier", () => {
  const [one] = parseCatalog(info({ backup: [backup(full, 1, { annotation: { tier: "yearly" } })] })).sets;
  expect(one?.tier).toBeUndefined();
});

test("a backup with bad pages is not sound", () => {
  expect(parseCatalog(info({ backup: [backup(full, 1, { error: true })] })).sets[0]?.sound).toBe(false);
});

test("a stanza without a backup is an empty catalog", () => {
  expect(parseCatalog(info({ status: { code: 2, message: "no valid backups" } })).sets).toEqual([]);
});

/** As pgBackRest 2.45 tells of trouble with a repository. */
const troubled = (message: string): string => {
  const other = { code: 99, message: "other" };
  return info({ status: other, repo: [{ status: { code: 99, message } }] });
};

test.each([
  [
    troubled(
      "[FileOpenError] unable to load info file '/r/archive.info' or '/r/archive.info.copy':\nFileOpenError: unable to open file '/r/archive.info' for read: [13] Permission denied\nHINT: archive.info cannot be opened",
    ),
    /^the repository cannot be read: unable to open file '\/r\/archive.info' for read: \[13\] Permission denied$/,
  ],
  [
    troubled("[PathOpenError] unable to list file info for path '/r/backup': [13] Permission denied"),
    "unable to list file info for path '/r/backup': [13] Permission denied",
  ],
  [
    troubled("[FormatError] unable to load info file '/r/backup.info':\nFormatError: key/value found"),
    "its key is wrong",
  ],
  [
    troubled("[CryptoError] unable to load info file '/r/backup.info':\nCryptoError: unable to flush"),
    "its key is wrong",
  ],
  [info({ status: { code: 99, message: "other" } }), "wrong, or its index is damaged"],
  [info({ status: { code: 99, message: "other" } }).replace("other", "\u0001\u0014"), "wrong, or its index is damaged"],
  [info({ status: { code: 1, message: "missing stanza path" } }), "missing stanza path"],
  ["[]", "no such stanza"],
])("a repository that cannot be read is no empty one", (json, reason) => {
  expect(() => parseCatalog(json)).toThrow(reason);
});

test.each(["../../../etc", "20261125-010000F/..", "latest", "20261125-010000F\u001b[2J", ""])(
  "a backup called %j is none of pgBackRest's",
  (label) => {
    expect(() => parseCatalog(info({ backup: [backup(label, 1)] }))).toThrow();
  },
);
