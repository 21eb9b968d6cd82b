import { errorsOf } from '#base/report.ts';
import { placed } from '#installer/refusedInput.ts';
import { type DirectoryReport, validateDirectory } from '#installer/validateDirectory.ts';
import { localFiles } from '#system/localFiles.ts';
import { type LookedAt, type LookResult, unknownKeysOf } from './installerCommand.ts';
import { findOutputForm } from './outputForm.ts';

/** The exit code of everything that is wrong with an install-config (spec/installer/01.3). */
const EXIT_INVALID = 3;

/** All problems of the directory's input files, a line each or as one JSON document. @throws Failure */
export async function validateCommand({ root, flags, switches, io }: LookedAt): Promise<LookResult> {
  const form = findOutputForm(flags['output'], ['text', 'json']);
  const report = await validateDirectory(root, localFiles, unknownKeysOf(switches, io.env));
  const isValid = errorsOf(report.problems).length === 0;
  const text = form === 'json' ? renderJson(report, isValid) : renderText(report);
  return { text, code: isValid ? 0 : EXIT_INVALID };
}

const renderJson = ({ files, problems }: DirectoryReport, isValid: boolean): string =>
  `${JSON.stringify({ valid: isValid, files, problems }, undefined, 2)}\n`;

function renderText({ files, problems }: DirectoryReport): string {
  const lines = problems.map((found) => `${found.severity === 'warning' ? 'warning: ' : ''}${placed(found)}`);
  const errors = errorsOf(problems).length;
  const found = errors === 0 ? 'no problem' : errors === 1 ? '1 problem' : `${errors} problems`;
  return `${[...lines, `${found} in ${files.join(', ')}`].join('\n')}\n`;
}
