import { existsSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../lib/errors";
import { writeWhole } from "../../lib/files";
import type { Reporter } from "../../lib/reporter";
import { type DebianPackage, installPackages } from "./apt";
import { codenameOf, osRelease } from "./distribution";

/** Debian's own package has the key that signs the PostgreSQL project's repository, so that none has to be downloaded. */
const keyPackage: DebianPackage = {
  name: "postgresql-common",
  program: "/usr/share/postgresql-common/pgdg/apt.postgresql.org.asc",
};

const sourcesFile = "etc/apt/sources.list.d/pgdg.sources";

/** Content of the sources file of the PostgreSQL project's repository, for a release of Debian or Ubuntu. */
export const pgdgSource = (codename: string): string => `Types: deb
URIs: https://apt.postgresql.org/pub/repos/apt
Suites: ${codename}-pgdg
Components: main
Signed-By: ${keyPackage.program}
`;

/** What an administrator runs to add the repository, and how howdah does the same. */
export function pgdgAdvice(release = osRelease() ?? ""): string {
  const codename = codenameOf(release);
  if (codename === "") return "Add the PostgreSQL project's repository: https://www.postgresql.org/download/linux/";
  return `To add the PostgreSQL project's repository, run as root \`HOWDAH_PGDG=1 make up\`, or these lines:
  apt-get install --no-install-recommends ${keyPackage.name}
  cat > /${sourcesFile} <<EOF
${pgdgSource(codename)}EOF
  apt-get update`;
}

/** What adding the repository depends on; for tests. */
export interface PgdgPlace {
  readonly root: string;
  readonly release: string;
}

/**
 * Adds the PostgreSQL project's repository to this machine's package sources, as root. A sources file of that name is left as it is.
 * @throws Failure if the release has no code name, or the key's package cannot be installed
 */
export async function addPgdg(
  reporter: Reporter,
  { root, release }: PgdgPlace = { root: "/", release: osRelease() ?? "" },
): Promise<void> {
  const codename = codenameOf(release);
  if (codename === "") throw new Failure(`this is neither Debian nor Ubuntu. ${pgdgAdvice(release)}`);
  await installPackages([keyPackage], reporter);
  const path = join(root, sourcesFile);
  if (existsSync(path)) return;
  writeWhole(path, pgdgSource(codename), 0o644);
  reporter.note(`added the PostgreSQL project's repository: /${sourcesFile}`);
}
