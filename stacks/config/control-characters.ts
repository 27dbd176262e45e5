import type { Problem } from "../../lib/values";
import { hasControl, oneLine } from "../../lib/text/printable";

const message = (text: string): string =>
  `${JSON.stringify(oneLine(text))} has a control character, which could end a line of a file or control a terminal; remove it`;

/** Every text with a control character, keys of mappings too: values go on into files of lines, logs and terminals. */
export function controlProblems(value: unknown, path: readonly (string | number)[] = []): Problem[] {
  if (typeof value === "string") return hasControl(value) ? [{ path, message: message(value) }] : [];
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => controlProblems(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...(hasControl(key) ? [{ path: [...path, oneLine(key)], message: message(key) }] : []),
    ...controlProblems(item, [...path, key]),
  ]);
}
