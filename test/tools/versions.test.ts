import fc from "fast-check";
import { atLeast } from "../../tools/engine/version";
import { share } from "../../tools/go-build";
import { requiredVersion } from "../../tools/supercronic";

describe("versions", () => {
  it("compare by number, part by part", () => {
    expect(atLeast("v3.200.0", "3.200.0")).toBe(true);
    expect(atLeast("3.199.9", "3.200.0")).toBe(false);
    expect(atLeast("4.0", "3.200.0")).toBe(true);
    expect(atLeast("", "3.200.0")).toBe(false);
    const version = fc.array(fc.nat(400), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(atLeast(a.join("."), b.join(".")) || atLeast(b.join("."), a.join("."))).toBe(true);
        expect(atLeast(a.join("."), b.join(".")) && atLeast(b.join("."), a.join("."))).toBe(a.join() === b.join());
      }),
    );
  });

  it("are read from a go.mod", () => {
    expect(requiredVersion("require example.com/a v1.2.3\n", "example.com/a")).toBe("v1.2.3");
  });
});

describe("progress of a build", () => {
  it("never shows more than all", () => {
    expect(share(3, 10, 4.6)).toBe("3 of 10 packages, 5 s");
    expect(share(12, 10, 5)).toBe("12 of 12 packages, 5 s");
    expect(share(3, 0, 5)).toBe("3 packages, 5 s");
  });
});
