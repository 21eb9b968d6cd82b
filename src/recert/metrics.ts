/** What a run is made of in figures. Keys are label values. */
export interface RunFigures {
  /** By stage, those that were reached. */
  readonly seconds: Readonly<Record<string, number>>;
  /** By kind. */
  readonly found: Readonly<Record<string, number>>;
  readonly written: Readonly<Record<string, number>>;
  /** Old material and broken chains that the proof found; absent where it was not reached. */
  readonly leftovers?: number;
  readonly isSuccess: boolean;
  /** Unix seconds. */
  readonly endedAt: number;
}

/** The figures as a text file for a metrics collector (OpenMetrics 1.0). */
export function renderMetrics({
  seconds,
  found,
  written,
  leftovers,
  isSuccess,
  endedAt,
}: RunFigures): string {
  return [
    ...family('recert_stage_seconds', 'time that a stage took', labelled('stage', seconds), 'seconds'),
    ...family('recert_found', 'what the cluster was found to hold', labelled('kind', found)),
    ...family('recert_written', 'what was written', labelled('kind', written)),
    ...(leftovers === undefined
      ? []
      : family('recert_leftovers', 'old material that the proof found', [['', leftovers]])),
    ...family('recert_success', '1 if the run came to a good end', [['', isSuccess ? 1 : 0]]),
    ...family('recert_end_timestamp_seconds', 'when the run ended', [['', endedAt]], 'seconds'),
    '# EOF',
    '',
  ].join('\n');
}

type Sample = readonly [labels: string, value: number];

const labelled = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([name, value]) => [`{${label}="${name}"}`, value]);

const family = (name: string, help: string, samples: readonly Sample[], unit?: string): string[] => [
  `# TYPE ${name} gauge`,
  ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
  `# HELP ${name} ${help}`,
  ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
];
