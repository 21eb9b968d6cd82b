import { processIo } from '#cli/processIo.ts';
import { runProgram } from '#cli/programs.ts';
import { sizeThreadPool } from '#cli/threadPool.ts';

sizeThreadPool(process.env);

// Started as `node bin/main.ts PROGRAM ...` argv[1] is this file; as the single executable argv0 is the link's name.
const isExecutable = !process.execPath.endsWith('/node');
process.exitCode = await runProgram(
  isExecutable ? process.argv0 : 'sower',
  process.argv.slice(2),
  processIo(),
);
