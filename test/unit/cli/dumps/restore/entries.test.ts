import fc from "fast-check";
import { confinedEntries, grantEntries, leftOut, otherOwners } from "../../../../../cli/dumps/restore/entries";

const list = `;
; Archive created at 2026-11-25
;
6; 2615 16400 SCHEMA - app app_owner
7; 2615 16401 SCHEMA - app two app_owner
8; 2615 16402 SCHEMA - pooler postgres
3302; 0 0 COMMENT - SCHEMA pooler postgres
2; 3079 16402 EXTENSION - citext 
3; 3079 16403 EXTENSION - amcheck 
3301; 0 0 COMMENT - EXTENSION citext 
3303; 0 0 COMMENT app TABLE orders app_owner
220; 1259 16500 TABLE app SCHEMA - app app_owner
221; 1259 16501 TABLE pooler verifier postgres
222; 1259 16502 TABLE public theirs someone else
3300; 3466 16501 EVENT TRIGGER - watch administrator
3304; 6104 16502 PUBLICATION - feed app_owner
3290; 0 16500 TABLE DATA app orders app_owner
3305; 0 0 ACL - DATABASE app app_owner
3306; 0 0 ACL - SCHEMA app app_owner
3307; 0 0 ACL - SCHEMA pooler postgres
3308; 0 0 ACL app TABLE orders app_owner
3311; 0 0 ACL pooler FUNCTION user_lookup(text) howdah_pooler_lookup
3309; 0 0 ACL pg_catalog FUNCTION lo_create(oid) postgres
3310; 826 16600 DEFAULT ACL app DEFAULT PRIVILEGES FOR TABLES app_owner`;

const names = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/^\d+; \d+ \d+ /, ""));
const left = (extensions: { name: string; schema: string }[]): string[] => {
  const after = confinedEntries(list, extensions).split("\n");
  return names(list.split("\n").filter((line) => !after.includes(line)));
};

const always = [
  "SCHEMA - pooler postgres",
  "COMMENT - SCHEMA pooler postgres",
  "EXTENSION - amcheck ",
  "COMMENT - EXTENSION citext ",
  "EVENT TRIGGER - watch administrator",
  "ACL - DATABASE app app_owner",
  "ACL - SCHEMA app app_owner",
  "ACL - SCHEMA pooler postgres",
  "ACL app TABLE orders app_owner",
  "ACL pooler FUNCTION user_lookup(text) howdah_pooler_lookup",
  "ACL pg_catalog FUNCTION lo_create(oid) postgres",
  "DEFAULT ACL app DEFAULT PRIVILEGES FOR TABLES app_owner",
];

test("schemas that extensions have brought are left out by their whole name; what is a superuser's or the program's, always", () => {
  expect(left([])).toEqual(always);
  expect(left([{ name: "citext", schema: "app" }])).toEqual(["SCHEMA - app app_owner", ...always]);
  expect(left([{ name: "citext", schema: "app two" }])).toEqual(["SCHEMA - app two app_owner", ...always]);
});

test("amcheck does not exist before the check itself", () => {
  expect(left([{ name: "amcheck", schema: "app" }])).toEqual(left([]));
});

test("grants are those on what the archive makes", () => {
  expect(names(grantEntries(list).split("\n"))).toEqual([
    "ACL - SCHEMA app app_owner",
    "ACL app TABLE orders app_owner",
  ]);
});

test("what a restore skips is named, and so is what changes its owner", () => {
  expect(leftOut(list)).toEqual(["EVENT TRIGGER watch", "PUBLICATION feed"]);
  expect(otherOwners(list, "app_owner")).toEqual(["else"]);
  expect(otherOwners(list, "new_owner")).toEqual(["app_owner", "else"]);
});

test("every other entry stays, in its order", () => {
  const entry = fc.constantFrom(
    "TABLE app orders",
    "TABLE DATA app SCHEMA - x",
    "FUNCTION app f()",
    "INDEX app EXTENSION - y",
    "TABLE APP pooler",
  );
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const text = entries.map((one, at) => `${at}; 1259 1 ${one} owner`).join("\n");
      expect(confinedEntries(text, [{ name: "y", schema: "x" }])).toBe(text);
    }),
  );
});
