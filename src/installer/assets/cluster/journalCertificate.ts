import { fileListFiles } from '../fileList.ts';
import { journalCertKey } from '../tls/serverCertificates.ts';

/** The certificate of the bootstrap machine's journal; only who creates a cluster gets its files, to read it with. */
export const journalCertificate = { ...journalCertKey, files: fileListFiles };
