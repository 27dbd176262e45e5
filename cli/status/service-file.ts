/** URLs of one application. */
export interface Connection {
  readonly readWrite: string;
  readonly readOnly: string;
  /** To the primary itself. */
  readonly direct?: string | undefined;
}

function section(name: string, text: string): string {
  const url = new URL(text);
  const settings: [string, string][] = [
    ["host", url.hostname],
    ["port", url.port],
    ["dbname", decodeURIComponent(url.pathname.slice(1))],
    ["user", decodeURIComponent(url.username)],
    ["password", decodeURIComponent(url.password)],
    ...url.searchParams.entries(),
  ];
  const lines = settings.filter(([, value]) => value !== "").map(([key, value]) => `${key}=${value}`);
  return [`[${name}]`, ...lines, ""].join("\n");
}

/**
 * A libpq connection service file (https://www.postgresql.org/docs/current/libpq-pgservice.html) with a service for each
 * application, one with `-read-only` and one with `-direct` appended, so that a line to paste needs no password.
 */
export function serviceFile(connections: Readonly<Record<string, Connection>>): string {
  return Object.entries(connections)
    .flatMap(([name, { readWrite, readOnly, direct }]) => [
      section(name, readWrite),
      section(`${name}-read-only`, readOnly),
      ...(direct === undefined ? [] : [section(`${name}-direct`, direct)]),
    ])
    .join("\n");
}
