import { inQuotes } from "./quote";

/** A value in a postgresql.conf, in which a backslash escapes what follows. */
const settingValue = (value: string): string => inQuotes("'", value.replaceAll("\\", "\\\\"));

/** The text of a postgresql.conf. */
export const renderSettings = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${settingValue(value)}\n`)
    .join("");
