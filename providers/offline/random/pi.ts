/** arctan(1 / x) as a fixed-point number with `bits` fraction bits, by its Taylor series. */
function arctanOfInverse(x: bigint, bits: bigint): bigint {
  let power = (1n << bits) / x;
  let sum = power;
  for (let n = 3n, negative = true; power > 0n; n += 2n, negative = !negative) {
    power /= x * x;
    sum += negative ? -(power / n) : power / n;
  }
  return sum;
}

/**
 * The first `count` 32-bit words of pi's fraction, by Machin's formula (1706):
 * pi = 16 arctan(1/5) - 4 arctan(1/239). Blowfish starts from them.
 */
export function wordsOfPi(count: number): Uint32Array {
  const guard = 64n;
  const bits = BigInt(count) * 32n + guard;
  const pi = 16n * arctanOfInverse(5n, bits) - 4n * arctanOfInverse(239n, bits);
  const digits = ((pi - (3n << bits)) >> guard).toString(16).padStart(count * 8, "0");
  return Uint32Array.from({ length: count }, (_, index) => Number.parseInt(digits.slice(index * 8, index * 8 + 8), 16));
}
