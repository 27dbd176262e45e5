import { fillScript } from "../../../../lib/text/fill";

test("plain words stay as they are, and a script's own words too", () => {
  const filled = fillScript('exec @program@ --data=@bytes@ "$@"', { program: "/usr/bin/a", bytes: 7 });
  expect(filled).toBe('exec /usr/bin/a --data=7 "$@"');
});

test("a place without a value is refused, and a value without a place", () => {
  expect(() => fillScript("exec @one@", {})).toThrow("no value for one");
  expect(() => fillScript("exec", { one: 1 })).toThrow("no placeholder for one");
});
