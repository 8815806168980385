import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Apache's encoders wrote for sample values: see record.mjs. */

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

interface JavaClasses {
  /** Declaration name to code, request header class and reply header class; "-" for none. */
  readonly requests: Readonly<Record<string, readonly [number, string, string]>>;
  /** Classes a version does not have, and why. */
  readonly notIn: Readonly<Record<Version, Readonly<Record<string, string>>>>;
  readonly bodies: readonly string[];
}

const here = join(process.cwd(), 'test', 'wire');

export const javaClasses = JSON.parse(readFileSync(join(here, 'java-classes.json'), 'utf8')) as JavaClasses;

export function goldenLines(version: Version, file: 'headers' | 'bodies' | 'messages'): GoldenLine[] {
  const text = readFileSync(join(here, 'golden', version, `${file}.jsonl`), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as GoldenLine);
}
