import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteBrokenAttributes } from "../../../../cli/engine/attributes";

const backend = mkdtempSync(join(tmpdir(), "backend-"));
const stacks = join(backend, ".pulumi", "stacks", "howdah");

beforeAll(() => {
  mkdirSync(stacks, { recursive: true });
});

afterAll(() => {
  rmSync(backend, { recursive: true });
});

test("broken-off attributes are deleted; sound ones and the state itself stay", () => {
  const files = {
    "a.json": "",
    "a.json.attrs": "",
    "b.json.attrs": '{"user.cache_control":"","md5":"x"}',
    "c.json.attrs": '{"user.cache',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(stacks, name), text);
  expect(deleteBrokenAttributes(backend).sort()).toEqual([join(stacks, "a.json.attrs"), join(stacks, "c.json.attrs")]);
  const left = Object.keys(files).filter((name) => existsSync(join(stacks, name)));
  expect(left).toEqual(["a.json", "b.json.attrs"]);
});

test("a backend without a stack has none", () => {
  expect(deleteBrokenAttributes(join(backend, "none"))).toEqual([]);
});
