import type { Readable } from 'node:stream';
import confirm from '@inquirer/confirm';
import input from '@inquirer/input';
import select from '@inquirer/select';
import pc from 'picocolors';
import { Failure } from '#base/failure.ts';
import type { Question, Terminal } from '#installer/interview.ts';
import { readSecret, SecretRefused } from './secretPrompt.ts';

/** The streams of a terminal. */
export interface Streams {
  readonly input: Readable & { setRawMode?(isRaw: boolean): unknown };
  readonly output: NodeJS.WritableStream;
}

const REQUIRED = 'Value is required';

/** Asks at a terminal: lists by arrow keys and numbers, secrets without echo, a refused answer again. */
export function terminalOn(streams: Streams): Terminal {
  return {
    async ask(question) {
      try {
        return await PROMPTS[question.kind](question, streams);
      } catch (cause) {
        throw refusalOf(cause);
      }
    },
  };
}

type Prompt = (question: Question, streams: Streams) => Promise<string>;

const PROMPTS: Readonly<Record<Question['kind'], Prompt>> = {
  text: (question, streams) => {
    const { default: otherwise } = question;
    return input(
      {
        message: question.message,
        theme: themeOf(question),
        ...(otherwise !== undefined && { default: otherwise }),
        validate: validator(question),
      },
      streams,
    );
  },
  secret: async ({ message, help = '', check }, { input: keys, output }) => {
    for (;;) {
      output.write(`${pc.blue('?')} ${pc.bold(message)} ${pc.dim(`(${help === '' ? 'not shown' : help})`)} `);
      const answer = (await readSecret({ input: keys, output })).trim();
      const fault = answer === '' ? REQUIRED : check?.(answer);
      // Over the question, as the other prompts do it.
      output.write('\r\u001b[2K');
      if (fault === undefined) {
        output.write(`${pc.green('✔')} ${pc.bold(message)} ${pc.cyan(`${answer.length} characters`)}\n`);
        return answer;
      }
      output.write(`${pc.red(`> ${fault}`)}\n`);
    }
  },
  choice: (question, streams) => {
    const { choices = [], default: otherwise } = question;
    return select(
      {
        message: question.message,
        choices: choices.map(({ value, name, help }) => ({
          value,
          ...(name !== undefined && { name }),
          ...(help !== undefined && { description: help }),
        })),
        ...(otherwise !== undefined && { default: otherwise }),
        theme: { ...themeOf(question), indexMode: 'number' },
      },
      streams,
    );
  },
  confirm: async ({ message, default: otherwise }, streams) =>
    (await confirm({ message, default: otherwise === 'yes' }, streams)) ? 'yes' : 'no',
};

/** The help stands beside the question until it is answered. */
const themeOf = ({ help }: Question) => ({
  style: {
    message: (text: string, status: string): string =>
      help === undefined || status === 'done' ? pc.bold(text) : `${pc.bold(text)} ${pc.dim(`(${help})`)}`,
  },
});

const validator =
  ({ check, default: otherwise }: Question) =>
  (answer: string): string | true => {
    if (answer === '') return otherwise === undefined ? REQUIRED : true;
    return check?.(answer) ?? true;
  };

/** Names of the library's errors: Ctrl-C, and the end of the terminal. */
const REFUSALS = ['ExitPromptError', 'AbortPromptError'];

function refusalOf(cause: unknown): unknown {
  const isRefusal =
    cause instanceof SecretRefused || (cause instanceof Error && REFUSALS.includes(cause.name));
  if (!isRefusal) return cause;
  return new Failure({
    code: 'installer/interrupted',
    message: 'interrupt',
    hint: 'nothing was written; answers can be given by flags or a file too, see --help',
  });
}
