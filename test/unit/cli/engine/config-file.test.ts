import fc from "fast-check";
import { parse } from "yaml";
import { effectiveConfig, saltOf } from "../../../../cli/engine/config-file";

const source = "# why\nconfig:\n  howdah:platform: local\n";

describe("the effective config of a local stack", () => {
  test("is the checkout's text with the salt", () => {
    expect(effectiveConfig(source, "v1:salt")).toBe(`${source}encryptionsalt: v1:salt\n`);
  });

  test("keeps the salt over every later sync", () => {
    const first = effectiveConfig(source, "v1:salt");
    const second = effectiveConfig("config:\n  howdah:platform: other\n", saltOf(first));
    expect(parse(second)).toEqual({ config: { "howdah:platform": "other" }, encryptionsalt: "v1:salt" });
  });

  test("prefers a salt of the file's own, since its secrets need that one", () => {
    expect(saltOf(effectiveConfig(`${source}encryptionsalt: v1:own\n`, "v1:saved"))).toBe("v1:own");
  });

  test("changes no value, whatever the config holds", () => {
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}:[a-z]{1,8}$/), fc.jsonValue());
    fc.assert(
      fc.property(values, fc.stringMatching(/^v1:[A-Za-z0-9+/=]{4,20}$/), (config, salt) => {
        const text = effectiveConfig(JSON.stringify({ config }), salt);
        expect(parse(text)).toEqual({ ...(parse(JSON.stringify({ config })) as object), encryptionsalt: salt });
      }),
    );
  });

  test("refuses text that is no YAML", () => {
    expect(() => effectiveConfig("a: [", undefined)).toThrow(/not valid YAML/);
  });

  test("finds no salt where there is none", () => {
    expect(saltOf(undefined)).toBeUndefined();
    expect(saltOf(source)).toBeUndefined();
  });
});
