import { parentPort, workerData } from 'node:worker_threads';
import bcrypt from 'bcryptjs';
import type { HashingTask } from './passwordHasher.ts';

/** A thread of its own: hashes the one password that it is started with, and ends. */
const { password, salt, cost } = workerData as HashingTask;
// Go's bcrypt writes the prefix `2a`; the library's own salts say `2b`.
const prefix = `$2a$${String(cost).padStart(2, '0')}$`;
parentPort!.postMessage(bcrypt.hashSync(password, prefix + bcrypt.encodeBase64([...salt], salt.length)));
