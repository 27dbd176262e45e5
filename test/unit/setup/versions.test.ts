import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { atLeast } from "../../../setup/engine/version";
import { neededGo, noGo, share } from "../../../setup/go-build";
import { checkout } from "../../../lib/paths";
import { requiredVersion } from "../../../setup/supercronic";

const folder = (name: string): string => join(checkout, "setup", name);

describe("versions", () => {
  test("compare by number, part by part", () => {
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

  test("are read from a go.mod", () => {
    expect(requiredVersion("require example.com/a v1.2.3\n", "example.com/a")).toBe("v1.2.3");
  });
});

describe("without Go", () => {
  const program = { folder: folder("supercronic"), package: "github.com/aptible/supercronic", output: "" };

  test("the error names the program, and the Go that its own go.mod asks for", () => {
    const needed = neededGo(readFileSync(join(program.folder, "go.mod"), "utf8"));
    expect(needed).toMatch(/^1\.\d+/);
    expect(noGo(program)).toContain(`no \`go\` to build supercronic with.\nInstall Go ${needed} or newer`);
    expect(noGo(program)).not.toMatch(/pulumi/i);
  });

  test("the error says what can be installed instead, where there is something", () => {
    const engine = {
      ...program,
      folder: folder("engine/cli"),
      package: "example.com/cmd/pulumi",
      alternative: "Pulumi 3",
    };
    expect(noGo(engine)).toMatch(/build pulumi with\.\nInstall Go \S+ or newer \(\S+\), or Pulumi 3, and try again/);
  });
});

describe("progress of a build", () => {
  test("never shows more than all", () => {
    expect(share(3, 10, 4.6)).toBe("3 of 10 packages, 5 s");
    expect(share(12, 10, 5)).toBe("12 of 12 packages, 5 s");
    expect(share(3, 0, 5)).toBe("3 packages, 5 s");
  });
});
