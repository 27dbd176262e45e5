import type { Spec } from "../../components/postgres/parameters/allowed";

/** Ends of the range, and all that is chosen from; as a user writes it. */
export function valuesOf(spec: Spec): (string | number | boolean)[] {
  switch (spec.kind) {
    case "integer":
    case "real":
      return [spec.min, spec.max];
    case "memory":
      // Both ends may be more or less than the memory of the test's server allows.
      return [
        `${spec.min}B`,
        `${spec.max}B`,
        `${Math.max(spec.min, Math.min(spec.max, 1024 ** 2))}B`,
        ...(spec.off ?? []),
      ];
    case "time":
      return [`${spec.min}ms`, `${spec.max}ms`, ...(spec.off ?? [])];
    case "boolean":
      return [true, false];
    case "choice":
      return [...spec.values];
    case "list":
      return [spec.values[0] ?? "", spec.values.join(", ")];
  }
}
