/** In a postgresql.conf, a backslash escapes what follows. */
const quote = (value: string): string => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** The text of a postgresql.conf. */
export const renderSettings = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${quote(value)}\n`)
    .join("");
