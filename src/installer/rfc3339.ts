/** A time in UTC as Go prints it, in whole seconds. */
export const renderSeconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');
