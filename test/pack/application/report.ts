import { inspect, isDeepStrictEqual } from 'node:util';

/** Says on a line of its own whether `found` is what is `wanted`; what it is instead stands below. */
export type Check = (name: string, found: unknown, wanted?: unknown) => void;

/** What of the package an application tries. */
export type Subject = (check: Check) => Promise<void>;

/** Tries one after the other, whatever becomes of the one before. The exit code is 1 when anything does not hold. */
export async function tryAll(subjects: Readonly<Record<string, Subject>>): Promise<void> {
  for (const [subject, run] of Object.entries(subjects)) {
    const check: Check = (name, found, wanted = true) => {
      const holds = isDeepStrictEqual(found, wanted);
      console.log(`${holds ? 'ok' : 'not ok'} - ${subject}: ${name}`);
      if (holds) return;
      console.log(`found ${inspect(found)}, wanted ${inspect(wanted)}`);
      process.exitCode = 1;
    };
    try {
      await run(check);
    } catch (error) {
      check('runs to its end', error);
    }
  }
}
