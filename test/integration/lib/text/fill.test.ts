import { execFileSync } from "node:child_process";
import { fillScript } from "../../../../lib/text/fill";

test.each(["a b", "it's", "$HOME", "`id`", "a\nb", "", "@one@"])("%j is one word for the shell", (word) => {
  expect(execFileSync("sh", ["-c", fillScript("printf '[%s]' @one@", { one: word })]).toString()).toBe(`[${word}]`);
});
