import { identifier, literal } from "../../../../lib/sql/quote";
import { renderSettings } from "../../../../lib/sql/settings-file";

test("names and texts keep their quotes, and a backslash is one", () => {
  expect([identifier('a"b'), identifier("a'b"), identifier("plain")]).toEqual(['"a""b"', `"a'b"`, '"plain"']);
  expect([literal("a'b"), literal('a"b')]).toEqual(["'a''b'", `'a"b'`]);
  expect(literal("a\\b").trim()).toBe("E'a\\\\b'");
});

test("a setting keeps its quotes and backslashes, which escape in postgresql.conf", () => {
  expect(renderSettings({ one: "a'b", two: "%m\\t" })).toBe("one = 'a''b'\ntwo = '%m\\\\t'\n");
});
