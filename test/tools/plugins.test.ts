import { isSettled, readWish } from "../../tools/plugins";

const standIn = { source: "stand-in", hash: "abc" } as const;
const official = { source: "official", hash: "" } as const;

describe("choosing a plugin", () => {
  it("is settled by the official one, or by our present stand-in", () => {
    expect(isSettled(official, undefined, "abc")).toBe(true);
    expect(isSettled(standIn, undefined, "abc")).toBe(true);
  });

  it("is open when nothing is installed or the stand-in has changed", () => {
    expect(isSettled(undefined, undefined, "abc")).toBe(false);
    expect(isSettled(standIn, undefined, "new")).toBe(false);
  });

  it("is open when HOWDAH_PLUGINS wants the other one", () => {
    expect(isSettled(standIn, "official", "abc")).toBe(false);
    expect(isSettled(official, "stand-in", "abc")).toBe(false);
  });

  it("refuses a wish that means nothing", () => {
    expect(readWish("official")).toBe("official");
    expect(readWish("")).toBeUndefined();
    expect(() => readWish("standin")).toThrow(/allowed: official, stand-in/);
  });
});
