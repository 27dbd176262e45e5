"use strict";
// Programs of the checkout that run from a bundle. This file is JavaScript: it runs before any TypeScript can.

const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");

const checkout = dirname(__dirname);

/** What tells two states of a file apart without reading it. */
function stateOf(path) {
  const file = statSync(path, { throwIfNoEntry: false });
  return file === undefined ? "absent" : `${file.mtimeMs} ${file.size}`;
}

/** Where `setup/build.ts` records what a bundle was made from. */
const recordOf = (output, root = checkout) => join(root, ".build", `${output.replaceAll("/", "-")}.inputs.json`);

/** True if a bundle was made from its inputs as they are now. */
function isCurrent(output, root = checkout) {
  const record = recordOf(output, root);
  if (!existsSync(record) || !existsSync(join(root, output))) return false;
  const inputs = Object.entries(JSON.parse(readFileSync(record, "utf8")).inputs);
  return inputs.every(([path, state]) => stateOf(join(root, path)) === state);
}

/** Makes a bundle in a process of its own: what makes it is TypeScript. */
function make(output) {
  const { status } = spawnSync(process.execPath, ["--import", "tsx", "setup/build.ts", output], {
    cwd: checkout,
    // tsx runs what it finds in its cache, and that has a name in /tmp which anybody can foresee.
    env: { ...process.env, TSX_DISABLE_CACHE: "1" },
    // Standard output is the program's.
    stdio: ["ignore", 2, "inherit"],
  });
  if (status !== 0) throw new Error(`${output} could not be made of the sources: see above`);
}

/** What a program exports: that of its bundle, which is made again first if a source has changed. */
function load(output) {
  if (!isCurrent(output)) make(output);
  // Errors name lines of the sources.
  process.setSourceMapsEnabled(true);
  return require(join(checkout, output));
}

module.exports = { isCurrent, load, recordOf, stateOf };
