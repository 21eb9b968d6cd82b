import { collectDiagnostics } from '#lab/diagnostics.ts';
import type { Lab } from '#lab/lab.ts';
import type { Io } from './io.ts';

/** A failure leaves what is needed to understand it in one folder, and says where. */
export async function withDiagnostics<T>(lab: Lab, io: Io, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await tellDiagnostics(lab, io);
    throw error;
  }
}

/** Collects what explains a failure and says where it is. */
export async function tellDiagnostics(lab: Lab, io: Io): Promise<void> {
  const folder = await collectDiagnostics(lab, io.now());
  if (folder !== undefined) io.stderr.write(`consoles, journals and container logs are in ${folder}\n`);
}
