import fc from "fast-check";
import { fillSql, type SqlValues } from "../../../../lib/sql/fill";

test("a text, a list of texts, an identifier and a part each have their form", () => {
  const text = `SELECT :'one', ARRAY[:'many'], :"name" WHERE :part`;
  const values = { one: "it's", many: ["a", "b'c"], name: 'x"y' };
  expect(fillSql(text, { values, parts: { part: "a = b" } })).toBe(
    `SELECT 'it''s', ARRAY['a', 'b''c'], "x""y" WHERE a = b`,
  );
});

test("casts, times and texts with a colon are left alone", () => {
  const text = "SELECT 1::int, now()::pg_catalog.text, '12:30', 'a: b', E'\\n', $1::text[]";
  expect(fillSql(text, {})).toBe(text);
});

test("what is filled in is not read again, whatever it holds", () => {
  fc.assert(
    fc.property(fc.string(), (part) => {
      expect(fillSql(":part", { parts: { part } })).toBe(part);
      expect(fillSql(":'one':'two'", { values: { one: ":'two'", two: "$&" } })).toBe("':''two''''$&'");
    }),
  );
});

test.each<[what: string, text: string, given: SqlValues & { readonly error: string }]>([
  ["a place without a value", "SELECT :'one'", { error: "no value for one" }],
  ["a value for a part", "SELECT :one", { values: { one: "1" }, error: "no value for one" }],
  ["a part for a value", "SELECT :'one'", { parts: { one: "1" }, error: "no value for one" }],
  ["what every object has", "SELECT :'constructor'", { error: "no value for constructor" }],
  ["a value without a place", "SELECT 1", { values: { one: "1" }, error: "no placeholder for one" }],
])("%s is refused", (_what, text, { error, ...given }) => {
  expect(() => fillSql(text, given)).toThrow(error);
});
