import { codenameOf, usualPostgres } from "../../../../setup/packages/distribution";

const debian = (version: number, codename: string): string =>
  `PRETTY_NAME="Debian GNU/Linux ${version} (${codename})"\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\nID=debian\n`;

describe("the version of PostgreSQL for a config that names none", () => {
  test.each([
    [12, "bookworm", 15],
    [13, "trixie", 17],
  ])("is that of Debian %d (%s): %d, whatever else is installed", (version, codename, expected) => {
    expect(usualPostgres({ release: debian(version, codename), installed: ["14", "18"] })).toBe(expected);
  });

  test.each([
    [["16", "13", "19", "common"], 16],
    [["14", "18"], 18],
    [[], 15],
    [["13"], 15],
  ])("is the newest supported one of %j on an unknown distribution: %d", (installed, expected) => {
    expect(usualPostgres({ release: "ID=other\n", installed })).toBe(expected);
    expect(usualPostgres({ release: undefined, installed })).toBe(expected);
  });
});

test("the code name of a release is read with and without quotes", () => {
  expect(codenameOf(debian(13, "trixie"))).toBe("trixie");
  expect(codenameOf('VERSION_CODENAME="noble"\n')).toBe("noble");
  expect(codenameOf("ID=other\n")).toBe("");
});
