import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Apache's encoders wrote for sample values: see record.mjs. A class that a version lacks is `missing` there. */

export const versions = ['4.9.7', '5.3.3'] as const;
export type Version = (typeof versions)[number];

export interface HeaderLine {
  readonly kind: 'request' | 'reply';
  readonly name: string;
  readonly class: string;
  readonly variant: 'full' | 'sparse';
  readonly serializer: 'JSON' | 'ROCKETMQ';
  /** Java field name to the value set, numbers as JSON numbers. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** Base64 of the whole frame, length word included. */
  readonly frame: string;
  readonly missing?: string;
}

export interface BodyLine {
  readonly kind: 'body';
  readonly class: string;
  readonly compact: string;
  readonly pretty: string;
  readonly standard: string;
  readonly missing?: string;
}

export type GoldenLine = Readonly<Record<string, unknown>> & { readonly kind: string };

const here = join(process.cwd(), 'test', 'wire');

export function goldenLines(version: Version, file: 'headers' | 'bodies' | 'messages'): GoldenLine[] {
  const text = readFileSync(join(here, 'golden', version, `${file}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as GoldenLine);
}

/** Whether any version has what one of them lacks: otherwise its name is wrong. */
export function isRecordedSomewhere(file: 'headers' | 'bodies', javaClass: string): boolean {
  return versions.some((version) =>
    goldenLines(version, file).some((line) => line['class'] === javaClass && !line['missing']),
  );
}
