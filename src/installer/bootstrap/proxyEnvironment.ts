import { escapeSpecifiers, quoteSystemdWord } from '#formats/systemdText.ts';
import type { ProxyStatus } from './bootstrapFacts.ts';
import { shellWord, type TemplateValues } from './template.ts';

/** How shells and systemd's services are told of the proxy: lines that end, none without a proxy (spec/additions 2.2). */
export const proxyValues = (proxy?: ProxyStatus): TemplateValues => {
  const variables = proxyVariables(proxy);
  return {
    proxyExports: linesOf(variables.map(([name, value]) => `export ${name}=${shellWord(value)}`)),
    defaultEnvironment: linesOf(
      variables.map(([name, value]) => {
        // As in upstream, which knows that hosts and networks have no percent sign.
        const escaped = name === 'NO_PROXY' ? value : escapeSpecifiers(value);
        return `DefaultEnvironment=${quoteSystemdWord(`${name}=${escaped}`)}`;
      }),
    ),
  };
};

/** The variables that programs look for, those without a value left out. */
const proxyVariables = (proxy?: ProxyStatus): (readonly [name: string, value: string])[] =>
  (
    [
      ['HTTP_PROXY', proxy?.httpProxy ?? ''],
      ['HTTPS_PROXY', proxy?.httpsProxy ?? ''],
      ['NO_PROXY', proxy?.noProxy ?? ''],
    ] as const
  ).filter(([, value]) => value !== '');

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
