let serial = 0;

/** The name under which a file is written before it takes its place; no other process and no other write has it. */
export const temporaryNameOf = (name: string): string => `.${name}.${process.pid}-${serial++}.tmp`;

/** A file of such a name is what a killed process left, unless one is at work in that folder. */
export const isTemporaryName = (name: string): boolean => /^\..+\.\d+-\d+\.tmp$/.test(name);
