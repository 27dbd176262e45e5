/** What S3 does with objects as they age; days since their creation. */
export interface LifecycleRule {
  readonly id: string;
  readonly status: "Enabled";
  readonly filter: { readonly prefix: string };
  readonly transitions?: readonly { readonly days: number; readonly storageClass: string }[];
  readonly expiration?: { readonly days: number } | { readonly expiredObjectDeleteMarker: true };
  readonly noncurrentVersionExpiration?: { readonly noncurrentDays: number };
  readonly abortIncompleteMultipartUpload?: { readonly daysAfterInitiation: number };
}

/**
 * Classes that answer at once, so that a restore does not wait. `after`: S3 User Guide, "Transitioning objects" (least age for
 * STANDARD_IA); `billed`: days that are paid for in any case.
 */
const colder = [
  { storageClass: "STANDARD_IA", after: 30, billed: 30 },
  { storageClass: "GLACIER_IR", after: 90, billed: 90 },
] as const;

/** Moves that pay: what is deleted before the class's least time costs as if it had stayed. */
export const transitionsFor = (keptDays: number) =>
  colder
    .filter(({ after, billed }) => keptDays >= after + billed)
    .map(({ after, storageClass }) => ({ days: after, storageClass }));

/** Every object. */
const whole = { prefix: "" };

/**
 * Removes what an upload left behind, and old versions: a version that was overwritten or deleted can be had back for some time.
 * Locked ones stay until their lock ends, whatever is asked here.
 */
const tidy = (noncurrentDays: number): LifecycleRule => ({
  id: "tidy",
  status: "Enabled",
  filter: whole,
  abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  noncurrentVersionExpiration: { noncurrentDays },
  expiration: { expiredObjectDeleteMarker: true },
});

export interface DumpLifecycle {
  /** Of the dumps, with a slash at its end. */
  readonly prefix: string;
  /** Of the drills' records, with a slash at its end. */
  readonly drills: string;
  /** Longest time that a dump is kept. */
  readonly keptDays: number;
  /** Time in which a deleted object can be had back. */
  readonly noncurrentDays: number;
}

/** Days that the records of drills are kept; the newest one is written again by each drill. */
const drillDays = 90;

const moves = ({ prefix, keptDays }: DumpLifecycle): LifecycleRule[] => {
  const transitions = transitionsFor(keptDays);
  return transitions.length === 0 ? [] : [{ id: "colder", status: "Enabled", filter: { prefix }, transitions }];
};

/** Of the dumps' bucket. The job that writes dumps removes them, too: only it knows which one is the newest. */
export const dumpRules = (lifecycle: DumpLifecycle): LifecycleRule[] => [
  ...moves(lifecycle),
  { id: "drills", status: "Enabled", filter: { prefix: lifecycle.drills }, expiration: { days: drillDays } },
  tidy(lifecycle.noncurrentDays),
];

/** Days that a copy outlives what it is a copy of. */
const graceDays = 30;

/** Of the bucket with the copies: deletions are not copied, so age alone ends them. */
export const copyRules = (lifecycle: DumpLifecycle): LifecycleRule[] => [
  ...moves(lifecycle),
  {
    id: "expire",
    status: "Enabled",
    filter: { prefix: lifecycle.prefix },
    expiration: { days: lifecycle.keptDays + graceDays },
  },
  tidy(lifecycle.noncurrentDays),
];

/** Of a bucket with access logs. @param keptDays how long they are kept */
export const logRules = (keptDays: number): LifecycleRule[] => [
  { id: "expire", status: "Enabled", filter: whole, expiration: { days: keptDays } },
  {
    id: "tidy",
    status: "Enabled",
    filter: whole,
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    noncurrentVersionExpiration: { noncurrentDays: 1 },
  },
];
