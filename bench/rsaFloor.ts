import { generateKeyPair } from 'node:crypto';
import { cpus } from 'node:os';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

export interface RsaFloor {
  /** Wall seconds per RSA-2048 key with as many generations in flight as there are cores. */
  readonly secondsPerKey: number;
  readonly cores: number;
}

/** Measures what this machine needs for one RSA-2048 key; no program that makes N of them can be faster than N times this. */
export async function measureRsaFloor(samples = 48): Promise<RsaFloor> {
  const cores = cpus().length;
  const started = performance.now();
  let left = samples;
  const worker = async () => {
    while (left-- > 0) await generate('rsa', { modulusLength: 2048 });
  };
  await Promise.all(Array.from({ length: cores }, worker));
  return { secondsPerKey: (performance.now() - started) / 1000 / samples, cores };
}
