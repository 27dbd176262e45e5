import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loopback, namesForClients } from "../../../../components/platforms/local/layout";
import { serviceIdentity } from "../../../../lib/system/identity";
import { createAuthority, signLeaf, type Authority } from "../../../../providers/host/x509";
import { startPostgres, type ThrowawayPostgres } from "./throwaway-postgres";

/** User that runs servers of a test: root may not. */
export const serverUser = process.getuid?.() === 0 ? "postgres" : String(process.getuid?.());

/** A folder for the files of a test's servers, its own authority in it; the service user may enter it. */
export interface TlsFolder {
  readonly path: string;
  /** PEM file. */
  readonly caFile: string;
  /** PEM file of an authority that has signed nothing. */
  readonly otherCaFile: string;
  /** Writes a file that only the service user reads. */
  write(name: string, content: string): Promise<string>;
  /** Writes `<name>.crt` and `<name>.key` of a server with these names and addresses; by default those of the certificates of a local stack. */
  certificate(
    name: string,
    dnsNames?: readonly string[],
    ipAddresses?: readonly string[],
  ): Promise<{ certificate: string; key: string }>;
  remove(): Promise<void>;
}

async function own(path: string, mode: number): Promise<void> {
  const { uid, gid } = serviceIdentity();
  await chown(path, uid, gid);
  await chmod(path, mode);
}

export async function tlsFolder(): Promise<TlsFolder> {
  const path = await mkdtemp(join(tmpdir(), "howdah-tls-"));
  const authority: Authority = await createAuthority("the test", 2);
  const write = async (name: string, content: string): Promise<string> => {
    const file = join(path, name);
    await writeFile(file, content, { mode: 0o600 });
    await own(file, 0o600);
    return file;
  };
  await own(path, 0o700);
  return {
    path,
    write,
    caFile: await write("ca.crt", authority.certificatePem),
    otherCaFile: await write("other-ca.crt", (await createAuthority("somebody else", 2)).certificatePem),
    certificate: async (name, dnsNames = namesForClients, ipAddresses = [loopback]) => {
      const leaf = await signLeaf(authority, { commonName: name, dnsNames, ipAddresses, days: 2 });
      return {
        certificate: await write(`${name}.crt`, leaf.certificatePem),
        key: await write(`${name}.key`, leaf.privateKeyPem),
      };
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/**
 * A throwaway PostgreSQL with TLS for `localhost`: without a password only for its superuser, over the socket or loopback.
 * @param program another program to start as `postgres`
 */
export async function startTlsPostgres(
  folder: TlsFolder,
  options: readonly string[] = [],
  program?: string,
): Promise<ThrowawayPostgres> {
  const { certificate, key } = await folder.certificate("postgres");
  const hba = await folder.write(
    "pg_hba.conf",
    "local all postgres trust\nlocal replication postgres trust\nhost all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
  );
  const tls = ["ssl=on", `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`, `hba_file=${hba}`];
  return startPostgres([...tls, ...options], program === undefined ? {} : { postgres: program });
}
