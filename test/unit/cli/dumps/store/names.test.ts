import fc from "fast-check";
import { backupOf, dataName, formatName, manifestName, parseName } from "../../../../../cli/dumps/store/names";

const moment = fc
  .integer({ min: Date.UTC(1970, 0) / 1000, max: Date.UTC(9999, 0) / 1000 })
  .map((seconds) => new Date(seconds * 1000));
const name = fc.record({
  database: fc.string({ minLength: 1, maxLength: 63, unit: "grapheme" }),
  kind: fc.constantFrom("dump" as const, "schema" as const),
  startedAt: moment,
});

describe("names of backups", () => {
  test("say database, time and kind", () => {
    const startedAt = new Date("2026-11-25T16:05:12.345Z");
    expect(formatName({ database: "app", kind: "dump", startedAt })).toBe("app-20261125T160512Z-dump");
  });

  test("can be read again, whatever the database is called, and stay in their folder", () => {
    fc.assert(
      fc.property(name, (parts) => {
        const text = formatName(parts);
        expect(parseName(text)).toEqual(parts);
        expect(text).not.toMatch(/[/\\\0]|^\.\.?$/);
        expect([backupOf(dataName(text)), backupOf(manifestName(text))]).toEqual([text, text]);
      }),
    );
  });

  test("sort by time within a database", () => {
    fc.assert(
      fc.property(moment, moment, (one, other) => {
        const [first, second] = [one, other].map((startedAt) => formatName({ database: "a", kind: "dump", startedAt }));
        expect(first! < second!).toBe(one < other);
      }),
    );
  });

  test("are not seen in anything else", () => {
    const others = ["", "app", "../app", "notes.json", "app-20261125T160512Z-dump", "app-20261325T160512Z-dump.json"];
    const more = ["a/b-20261125T160512Z-dump.json", "%-20261125T160512Z-dump.json", "-20261125T160512Z-dump.json"];
    for (const other of [...others, ...more]) expect(backupOf(other)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(backupOf(text)).toBeUndefined();
      }),
    );
  });
});
