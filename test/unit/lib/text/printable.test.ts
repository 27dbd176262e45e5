import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { tableOf } from "../../../../lib/text/format";
import { hasControl, oneLine, printable, printableJson } from "../../../../lib/text/printable";
import { createReporter } from "../../../../lib/reporter";
import { nodeTable } from "../../../../cli/status/table";

/** Any text, rich in what a terminal takes for an order. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\u001b", "\u009b", "\u0007", "\0", "\r", "\n", "\t", "\u007f", "\u2028", "\u202e", "]0;x", "[2J"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
});

/** Control characters by the book, not by our own list: categories Cc, Zl, Zp, and what turns the direction of writing. */
const controls = (said: string): string[] =>
  Array.from(said).filter(
    (one) => one !== "\n" && /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(one) && one !== "\u061c",
  );

test("what is printed has no control character but newlines, and one line has none at all", () => {
  fc.assert(
    fc.property(hostile, (said) => {
      expect(controls(printable(said))).toEqual([]);
      expect([controls(oneLine(said)), oneLine(said).includes("\n"), hasControl(oneLine(said))]).toEqual([
        [],
        false,
        false,
      ]);
    }),
  );
});

test("control: without it, the same texts would reach the terminal", () => {
  const [plain] = fc.sample(
    hostile.filter((said) => controls(said).length > 0),
    1,
  );
  expect(controls(plain!)).not.toEqual([]);
});

test("text that people read stays as it is", () => {
  for (const said of ["größe: 3 µs", "表 — “名前”", "👩‍👩‍👧", "a\nb"]) expect(printable(said)).toBe(said);
  expect(oneLine("a\tb\nc\u001b[0m")).toBe("a\\tb\\nc\\x1b[0m");
});

test("JSON keeps its values, and holds no control character", () => {
  fc.assert(
    fc.property(fc.record({ name: hostile, list: fc.array(hostile) }), (value) => {
      const document = printableJson(JSON.stringify(value, undefined, 2));
      expect(controls(document)).toEqual([]);
      expect(JSON.parse(document)).toEqual(value);
    }),
  );
});

test("a table stays a table, whatever the names in it", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 4 }), (rows) => {
      const shown = tableOf(["name", "value"], rows);
      expect(controls(shown)).toEqual([]);
      expect(shown.split("\n")).toHaveLength(rows.length + 4);
    }),
  );
});

test("a state that a server tells is shown in its own colour alone", () => {
  const node = { name: "node1", address: "a", role: "primary", state: "\u001b[2Jrunning", sync: false, healthy: true };
  expect(controls(stripVTControlCharacters(nodeTable([node])))).toEqual([]);
  expect(nodeTable([node])).not.toContain("\u001b[2J");
});

test.each([true, false])(
  "what the tools say has no control character but their own colours (terminal: %j)",
  async (isTTY) => {
    await fc.assert(
      fc.asyncProperty(hostile, async (said) => {
        const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 });
        const reporter = createReporter(stream as unknown as NodeJS.WriteStream);
        reporter.progress(said);
        reporter.note(said);
        reporter.done(said, () => said);
        stream.end();
        // Its own: how it takes a line back.
        const shown = (await text(stream)).replaceAll("\r\u001b[K", "");
        expect(controls(stripVTControlCharacters(shown))).toEqual([]);
        expect(shown).not.toContain("\u001b[2J");
      }),
      { numRuns: 50 },
    );
  },
);
