import { wordsOfPi } from "./pi";

const ROUNDS = 16;
const SUBKEYS = ROUNDS + 2;
let initial: Uint32Array | undefined;

/** Reads big-endian words from a byte string that starts over at its end. */
function wordReader(bytes: Uint8Array): () => number {
  let at = 0;
  return () => {
    let word = 0;
    for (let byte = 0; byte < 4; byte++, at = (at + 1) % bytes.length) word = (word << 8) | (bytes[at] ?? 0);
    return word;
  };
}

/** Blowfish (Schneier 1993) with the salted key schedule of bcrypt (Provos and Mazières 1999). */
export class Blowfish {
  private readonly subkeys: Int32Array;
  private readonly boxes: Int32Array;
  private left = 0;
  private right = 0;

  constructor() {
    initial ??= wordsOfPi(SUBKEYS + 4 * 256);
    this.subkeys = Int32Array.from(initial.subarray(0, SUBKEYS));
    this.boxes = Int32Array.from(initial.subarray(SUBKEYS));
  }

  /** Mixes a key, and a salt where given, into every subkey and box. */
  expand(key: Uint8Array, salt: Uint8Array = new Uint8Array(16)): void {
    const nextKey = wordReader(key);
    const nextSalt = wordReader(salt);
    for (let n = 0; n < SUBKEYS; n++) this.subkeys[n] = (this.subkeys[n] ?? 0) ^ nextKey();
    this.left = this.right = 0;
    for (const table of [this.subkeys, this.boxes]) {
      for (let n = 0; n < table.length; n += 2) {
        this.left ^= nextSalt();
        this.right ^= nextSalt();
        this.encrypt();
        table[n] = this.left;
        table[n + 1] = this.right;
      }
    }
  }

  /** Encrypts one block of two words `times` times. */
  encipher(left: number, right: number, times: number): [number, number] {
    this.left = left;
    this.right = right;
    for (let n = 0; n < times; n++) this.encrypt();
    return [this.left, this.right];
  }

  private encrypt(): void {
    const { subkeys: p, boxes: s } = this;
    let l = this.left ^ (p[0] ?? 0);
    let r = this.right;
    for (let n = 1; n <= ROUNDS; n += 2) {
      r ^= mix(s, l) ^ (p[n] ?? 0);
      l ^= mix(s, r) ^ (p[n + 1] ?? 0);
    }
    this.left = r ^ (p[ROUNDS + 1] ?? 0);
    this.right = l;
  }
}

function mix(s: Int32Array, word: number): number {
  const a = s[word >>> 24] ?? 0;
  const b = s[256 + ((word >>> 16) & 255)] ?? 0;
  const c = s[512 + ((word >>> 8) & 255)] ?? 0;
  const d = s[768 + (word & 255)] ?? 0;
  return (((a + b) ^ c) + d) | 0;
}
