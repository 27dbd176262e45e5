import fc from "fast-check";
import { bcrypt } from "../../../../../lib/text/bcrypt";
import { drawPassword } from "../../../../../providers/stand-ins/random/draw";
import { randomPlugin } from "../../../../../providers/stand-ins/random/plugin";
import { bookkeeping, checkInputs, ownProperties } from "../../../../../providers/runtime/check";
import type { Properties } from "../../../../../providers/runtime/resource";
import { listener } from "../../../../support/plugins/postgresql-stage";

const definition = (type: string) => {
  const found = randomPlugin.resources[`random:index/random${type}:Random${type}`];
  if (found === undefined) throw new Error(`no ${type}`);
  return found;
};

async function make(type: string, news: Properties) {
  const { inputs, failures } = await checkInputs(definition(type), news);
  if (failures.length > 0) throw new Error(failures.map((one) => `${one.property}: ${one.reason}`).join("; "));
  return { inputs, ...(await definition(type).create(inputs, listener().context)) };
}

async function changes(type: string, old: { inputs: Properties; state: Properties }, news: Properties) {
  const { inputs } = await checkInputs(definition(type), news);
  const recorded = { id: "x", inputs: ownProperties(old.inputs), state: ownProperties(old.state) };
  return definition(type)
    .diff(recorded, inputs)
    .map((one) => [one.property, one.kind]);
}

const count = (text: string, pattern: RegExp) => Array.from(text).filter((character) => pattern.test(character)).length;
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
const isSpecial = (text: string) => Array.from(text).filter((character) => SPECIAL.includes(character)).length;

const alphabets = fc
  .record({
    upper: fc.boolean(),
    lower: fc.boolean(),
    numeric: fc.boolean(),
    special: fc.boolean(),
    minUpper: fc.nat(5),
    minLower: fc.nat(5),
    minNumeric: fc.nat(5),
    minSpecial: fc.nat(5),
    extra: fc.nat(60),
  })
  .filter((want) => want.upper || want.lower || want.numeric || want.special)
  .map(({ extra, ...want }) => ({
    ...want,
    length: Math.max(1, want.minUpper + want.minLower + want.minNumeric + want.minSpecial + extra),
  }));

describe("a drawn password", () => {
  test("has its length, every minimum, and no character of a class that is off beyond its minimum", () => {
    fc.assert(
      fc.property(alphabets, (want) => {
        const text = drawPassword(want);
        const found = {
          upper: count(text, /[A-Z]/),
          lower: count(text, /[a-z]/),
          numeric: count(text, /[0-9]/),
          special: isSpecial(text),
        };
        expect(text).toHaveLength(want.length);
        expect(found.upper + found.lower + found.numeric + found.special).toBe(want.length);
        const least = {
          upper: want.minUpper,
          lower: want.minLower,
          numeric: want.minNumeric,
          special: want.minSpecial,
        };
        for (const key of ["upper", "lower", "numeric", "special"] as const) {
          expect(found[key]).toBeGreaterThanOrEqual(least[key]);
          if (!want[key]) expect(found[key]).toBe(least[key]);
        }
      }),
    );
  });

  test("takes every character of its alphabet about equally often, at every place", () => {
    const digits = { upper: false, lower: false, special: false, minUpper: 0, minLower: 0, minSpecial: 0 };
    const text = drawPassword({ ...digits, numeric: true, minNumeric: 0, length: 100_000 });
    // Chi-squared with 9 degrees of freedom: 50 is passed once in ten million runs.
    const expected = text.length / 10;
    const chi = Array.from("0123456789").reduce(
      (sum, digit) => sum + (text.split(digit).length - 1 - expected) ** 2 / expected,
      0,
    );
    expect(chi).toBeLessThan(50);
    const places = new Set(
      Array.from({ length: 200 }, () =>
        drawPassword({ ...digits, lower: true, numeric: true, minNumeric: 1, length: 4 }).search(/\d/),
      ),
    );
    expect(places).toEqual(new Set([0, 1, 2, 3]));
  });

  test("takes its own special characters, beyond ASCII too", () => {
    const text = drawPassword({
      upper: false,
      lower: false,
      numeric: false,
      special: true,
      overrideSpecial: "é✓",
      length: 50,
      minUpper: 0,
      minLower: 0,
      minNumeric: 0,
      minSpecial: 1,
    });
    expect(text).toMatch(/^[é✓]{50}$/u);
  });
});

describe("bcrypt", () => {
  // Vectors of the reference implementation (crypt_blowfish).
  test.each([
    ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
    ["U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"],
    ["", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"],
  ])("hashes %j as the reference does", (password, hash) => {
    expect(bcrypt(password, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.")).toBe(hash);
  });

  test("reads 72 bytes and no more", () => {
    const salt = "$2a$04$CCCCCCCCCCCCCCCCCCCCC.";
    const long = "x".repeat(72);
    expect(bcrypt(`${long}y`, salt)).toBe(bcrypt(long, salt));
    expect(bcrypt(`${long.slice(1)}y`, salt)).not.toBe(bcrypt(long, salt));
  });
});

describe("RandomPassword", () => {
  test("records what the official plugin records", async () => {
    const made = await make("Password", { length: 20, special: false });
    expect(made.id).toBe("none");
    const { result, bcryptHash, ...rest } = made.state;
    expect(result).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(bcryptHash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/);
    expect(rest).toEqual({
      __meta: '{"schema_version":"3"}',
      length: 20, upper: true, lower: true, numeric: true, number: true, special: false,
      minUpper: 0, minLower: 0, minNumeric: 0, minSpecial: 0,
    }); // prettier-ignore
  });

  test.each([
    [{ length: 0 }, /length/],
    [{ length: 3, minUpper: 2, minLower: 2 }, /length: is less than/],
    [{ length: 3, upper: false, lower: false, number: false, special: false }, /one of upper/],
    [{ length: 3, numeric: true, number: false }, /number: differs/],
    [{ length: 3, lenght: 4 }, /lenght: is not a property/],
    [{}, /length/],
  ])("refuses %j", async (news, message) => {
    await expect(make("Password", news)).rejects.toThrow(message);
  });

  // The shape of a state that the official plugin 4.16 wrote.
  const official = {
    inputs: { __defaults: [], length: 16, minLower: 2, number: true },
    state: {
      __meta: '{"schema_version":"3"}', id: "none", bcryptHash: "$2a$10$x", result: "Qp7:#8odTqS)5#bS", length: 16, lower: true, minLower: 2,
      minNumeric: 0, minSpecial: 0, minUpper: 0, number: true, numeric: true, special: true, upper: true,
    }, // prettier-ignore
  };

  test("takes over the official plugin's state without a change", async () => {
    expect(await changes("Password", official, { length: 16, minLower: 2, number: true })).toEqual([]);
    expect(await changes("Password", official, { length: 16, minLower: 2, overrideSpecial: "" })).toEqual([]);
  });

  test.each([
    ["length", 17],
    ["upper", false],
    ["lower", false],
    ["numeric", false],
    ["special", false],
    ["minUpper", 1],
    ["minLower", 3],
    ["minNumeric", 1],
    ["minSpecial", 1],
    ["overrideSpecial", "!"],
    ["keepers", { rotate: "2" }],
  ])("draws again when %s changes", async (property, value) => {
    // prettier-ignore
    const news = { length: 16, minLower: 2, [property]: value };
    const expected = property === "numeric" ? ["numeric", "number"] : [property];
    expect((await changes("Password", official, news)).sort()).toEqual(expected.sort().map((one) => [one, "replace"]));
  });

  test("keeps the state's version marker apart from its own properties", () => {
    expect(bookkeeping(official.state)).toEqual({ __meta: '{"schema_version":"3"}' });
  });
});

describe("RandomBytes and RandomId", () => {
  test("bytes are the same in both notations, and the id is their base64", async () => {
    const { id, state } = await make("Bytes", { length: 33 });
    expect(Object.keys(state).sort()).toEqual(["base64", "hex", "length"]);
    expect(Buffer.from(String(state["hex"]), "hex").toString("base64")).toBe(state["base64"]);
    expect(id).toBe(state["base64"]);
    expect(String(state["hex"])).toHaveLength(66);
  });

  test("an id is the same bytes in four notations, each with the prefix; the id itself has none", async () => {
    const { id, state } = await make("Id", { byteLength: 8, prefix: "db-" });
    const raw = Buffer.from(id, "base64url");
    expect(raw).toHaveLength(8);
    expect(state).toEqual({
      byteLength: 8,
      prefix: "db-",
      b64Url: `db-${id}`,
      b64Std: `db-${raw.toString("base64")}`,
      hex: `db-${raw.toString("hex")}`,
      dec: `db-${BigInt(`0x${raw.toString("hex")}`)}`,
    });
  });

  test("another length, prefix or keeper draws again; a removed keeper, too", async () => {
    const made = await make("Id", { byteLength: 8, keepers: { a: "1" } });
    expect(await changes("Id", made, { byteLength: 8, keepers: { a: "1" } })).toEqual([]);
    expect(await changes("Id", made, { byteLength: 9, prefix: "p", keepers: { a: "2" } })).toEqual([
      ["byteLength", "replace"], ["keepers", "replace"], ["prefix", "replace"],
    ]); // prettier-ignore
    expect(await changes("Id", made, { byteLength: 8 })).toEqual([["keepers", "replace"]]);
  });
});
