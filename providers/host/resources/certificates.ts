import type { z } from "zod";
import { certificateAuthoritySchema, certificateSchema } from "../../../contracts/host-resources/machine";
import { type Change, changedInputs, resource } from "../../runtime/resource";
import { sha256 } from "../../../lib/text/hash";
import { createAuthority, daysUntil, signLeaf } from "../x509";

/** Ten years: to replace an authority, every client needs the new file. */
const authorityDays = 3650;

type AuthorityInputs = z.output<typeof certificateAuthoritySchema>;
type AuthorityState = AuthorityInputs & { certificatePem: string; privateKeyPem: string; notAfter: string };

/** The authority that signs every certificate of a stack. */
export const certificateAuthority = resource<AuthorityInputs, AuthorityState>({
  schema: certificateAuthoritySchema,
  diff: (old, news) => changedInputs(old.inputs, news, ["commonName"]),
  create: async (inputs) => {
    const signed = await createAuthority(inputs.commonName, authorityDays);
    return { id: sha256(signed.certificatePem).slice(0, 16), state: { ...inputs, ...signed } };
  },
  read: (old) => Promise.resolve(old.state),
  update: (old) => Promise.resolve(old.state),
  delete: () => Promise.resolve(),
});

type LeafInputs = z.output<typeof certificateSchema>;
type LeafState = LeafInputs & { certificatePem: string; privateKeyPem: string; notAfter: string };

function dueForRenewal(old: { state: LeafState }, news: LeafInputs): Change[] {
  return daysUntil(old.state.notAfter) < news.renewAtDaysLeft
    ? [{ property: "notAfter", kind: "update", drift: true }]
    : [];
}

async function sign(inputs: LeafInputs): Promise<LeafState> {
  const authority = { certificatePem: inputs.authorityPem, privateKeyPem: inputs.authorityKeyPem };
  return { ...inputs, ...(await signLeaf(authority, inputs)) };
}

/** A certificate for one server, or one client, renewed by `up` well before it expires. */
export const certificate = resource<LeafInputs, LeafState>({
  schema: certificateSchema,
  diff: (old, news) => {
    // The margin alone needs no new certificate.
    const changes = changedInputs(old.inputs, news).filter((change) => change.property !== "renewAtDaysLeft");
    return [...changes, ...dueForRenewal(old, news)];
  },
  create: async (inputs) => ({ id: inputs.commonName, state: await sign(inputs) }),
  read: (old) => Promise.resolve(old.state),
  update: (_old, news) => sign(news),
  delete: () => Promise.resolve(),
});
