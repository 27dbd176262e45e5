import { z } from "zod";
import { type Change, changedInputs, resource } from "../../runtime/resource";
import { sha256 } from "../../../lib/system/files";
import { createAuthority, daysUntil, signLeaf } from "../x509";

const authoritySchema = z.strictObject({
  commonName: z.string().min(1),
});

/** Ten years: to replace an authority, every client needs the new file. */
const authorityDays = 3650;

type AuthorityInputs = z.output<typeof authoritySchema>;
type AuthorityState = AuthorityInputs & { certificatePem: string; privateKeyPem: string; notAfter: string };

/** The authority that signs every certificate of a stack. */
export const certificateAuthority = resource<AuthorityInputs, AuthorityState>({
  schema: authoritySchema,
  diff: (old, news) => changedInputs(old.inputs, news, ["commonName"]),
  create: async (inputs) => {
    const signed = await createAuthority(inputs.commonName, authorityDays);
    return { id: sha256(signed.certificatePem).slice(0, 16), state: { ...inputs, ...signed } };
  },
  read: (old) => Promise.resolve(old.state),
  update: (old) => Promise.resolve(old.state),
  delete: () => Promise.resolve(),
});

const leafSchema = z
  .strictObject({
    commonName: z.string().min(1),
    dnsNames: z.array(z.string().min(1)).default([]),
    ipAddresses: z.array(z.union([z.ipv4(), z.ipv6()])).default([]),
    /** Ends of a connection that it may stand at: one that is no client opens nothing elsewhere. */
    usages: z
      .array(z.enum(["server", "client"]))
      .min(1)
      .default(["server", "client"]),
    /** PEM of the authority, and its key. */
    authorityPem: z.string(),
    authorityKeyPem: z.string(),
    /** Days that a certificate is valid. */
    days: z.int().min(1).default(90),
    /** Days left at which `up` makes a new one. */
    renewAtDaysLeft: z.int().min(0).default(30),
  })
  .refine((value) => value.renewAtDaysLeft < value.days, {
    path: ["renewAtDaysLeft"],
    error: "must be less than days, or the certificate would be renewed at every run",
  });

type LeafInputs = z.output<typeof leafSchema>;
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
  schema: leafSchema,
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
