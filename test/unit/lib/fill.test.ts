import { execFileSync } from "node:child_process";
import { fillScript } from "../../../lib/fill";

test("plain words stay as they are, and a script's own words too", () => {
  const filled = fillScript('exec @program@ --data=@bytes@ "$@"', { program: "/usr/bin/a", bytes: 7 });
  expect(filled).toBe('exec /usr/bin/a --data=7 "$@"');
});

test.each(["a b", "it's", "$HOME", "`id`", "a\nb", "", "@one@"])("%j is one word for the shell", (word) => {
  expect(execFileSync("sh", ["-c", fillScript("printf '[%s]' @one@", { one: word })]).toString()).toBe(`[${word}]`);
});

test("a place without a value is refused, and a value without a place", () => {
  expect(() => fillScript("exec @one@", {})).toThrow("no value for one");
  expect(() => fillScript("exec", { one: 1 })).toThrow("no placeholder for one");
});
