/*
 * How each transaction of a run goes, two letters a message: what it comes to in its producer, and what its producers say
 * when they are asked. c commit, r rollback, - not known. A producer never says one thing and later another. Those that are
 * never ended are among the first half: to give one up takes all checks there are.
 */

const shares: readonly (readonly [share: number, letters: string])[] = [
  [0.4, 'cc'],
  [0.2, 'rr'],
  [0.2, '-c'],
  [0.15, '-r'],
  [0.05, '--'],
];
const endedByCheck = '-r';

export function drawPlan(messages: number, random: () => number): string {
  let plan = '';
  for (let i = 0; i < messages; i++) {
    let left = random();
    const letters = shares.find(([share]) => (left -= share) < 0)?.[1] ?? endedByCheck;
    plan += letters === '--' && i > messages / 2 ? endedByCheck : letters;
  }
  return plan;
}

/** It has to be readable, once its half message is stored. */
export function isCommitted(plan: string, index: number): boolean {
  return plan[index * 2 + 1] === 'c';
}

/** Nobody ever ends it. */
export function isForgotten(plan: string, index: number): boolean {
  return plan[index * 2 + 1] === '-';
}
