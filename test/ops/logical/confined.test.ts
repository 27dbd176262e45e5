import fc from "fast-check";
import { confinedEntries } from "../../../ops/logical/confined";

const list = `;
; Archive created at 2026-11-25
;
6; 2615 16400 SCHEMA - app app_owner
7; 2615 16401 SCHEMA - app two app_owner
2; 3079 16402 EXTENSION - citext 
3; 3079 16403 EXTENSION - amcheck 
3301; 0 0 COMMENT - EXTENSION citext 
220; 1259 16500 TABLE app SCHEMA - app app_owner
3300; 3466 16501 EVENT TRIGGER - watch administrator
3290; 0 16500 TABLE DATA app orders app_owner`;

const left = (extensions: { name: string; schema: string }[]): string[] => {
  const before = list.split("\n");
  const after = confinedEntries(list, extensions).split("\n");
  return before.filter((line) => !after.includes(line)).map((line) => line.replace(/^\d+; \d+ \d+ /, ""));
};

test("schemas that extensions have brought are left out by their whole name, and event triggers always", () => {
  expect(left([])).toEqual(["EXTENSION - amcheck ", "EVENT TRIGGER - watch administrator"]);
  expect(left([{ name: "citext", schema: "app" }])).toContain("SCHEMA - app app_owner");
  expect(left([{ name: "citext", schema: "app" }])).not.toContain("SCHEMA - app two app_owner");
  expect(left([{ name: "citext", schema: "app two" }])).toContain("SCHEMA - app two app_owner");
});

test("amcheck is made by nobody before the check itself", () => {
  expect(left([{ name: "amcheck", schema: "app" }])).toEqual(left([]));
});

test("every other entry stays, in its order", () => {
  const entry = fc.constantFrom(
    "TABLE app orders",
    "TABLE DATA app SCHEMA - x",
    "FUNCTION app f()",
    "INDEX app EXTENSION - y",
  );
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const text = entries.map((one, at) => `${at}; 1259 1 ${one} owner`).join("\n");
      expect(confinedEntries(text, [{ name: "y", schema: "x" }])).toBe(text);
    }),
  );
});
