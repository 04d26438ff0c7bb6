/** Randomness, handed in, so that a seed repeats a run. */
export interface Random {
  /** `length` random bytes. Cryptographic in production, seeded in the simulator. */
  bytes(length: number): Uint8Array;
  /** Uniform in [0, 1). */
  fraction(): number;
}
