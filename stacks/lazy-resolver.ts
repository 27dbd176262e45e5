import { createRequire, Module } from "node:module";

/** npm's own resolver. Pulumi's SDK loads it, 450 files, to send functions to a cloud, which this program does not do. */
const resolver = "@npmcli/arborist";

/**
 * Has Node load a package only once something is taken from it, instead of when it is required.
 * @param from file that requires it; nothing is done if it has no such package
 */
export function loadLate(name: string, from: string): void {
  const own = createRequire(from);
  let path: string;
  try {
    path = own.resolve(name);
  } catch {
    return;
  }
  if (path in own.cache) return;
  const load = (): object => {
    Reflect.deleteProperty(own.cache, path);
    return own(path) as object;
  };
  // `__esModule` keeps the requiring module from copying every property, which would be taking them.
  const late = new Proxy({}, { get: (_, key): unknown => (key === "__esModule" ? true : Reflect.get(load(), key)) });
  own.cache[path] = Object.assign(new Module(path), { filename: path, loaded: true, exports: late });
}

loadLate(resolver, createRequire(__filename).resolve("@pulumi/pulumi"));
