import { crashImage, createRecordingDisk, type CrashPlan, type MemoryDisk } from '../../../libs/testkit/src/index.js';
import type { OneImage } from '../crash-settings.js';
import { auditImage, openImage } from './audit.js';
import { randomOf, type Random } from './seeds.js';
import { drawPlan, storeLife, type StoreLife } from './store-life.js';

export interface ImageRunOptions {
  readonly seed: number;
  readonly lives: number;
  readonly imagesPerLife: number;
  /** Of disks whose syncs do nothing, to see that the checks notice. */
  readonly isLyingDisk?: boolean;
  /** One image only, as a failed run named it. */
  readonly only?: OneImage;
  readonly onProgress?: (done: number, report: ImageReport) => void;
}

export interface KindCount {
  images: number;
  acked: number;
  lost: number;
  broken: number;
  phantoms: number;
  faulty: number;
}

export interface ImageReport {
  readonly seed: number;
  lives: number;
  images: number;
  messages: number;
  /** Changes of the disk in all lives: as many moments to crash at. */
  changes: number;
  /** By flush mode and kind of crash. */
  readonly kinds: Record<string, KindCount>;
  /** What is wrong with each image that failed, with the command that plays it again; the first twenty. */
  readonly failures: { readonly replay: string; readonly plan: string; readonly faults: readonly string[] }[];
}

/** Lives of stores with random workloads, and of each so many crashes, audited. */
export async function runImages(options: ImageRunOptions): Promise<ImageReport> {
  const { seed, lives, only, onProgress } = options;
  const report: ImageReport = { seed, lives: 0, images: 0, messages: 0, changes: 0, kinds: {}, failures: [] };
  for (let number = 0; number < lives; number++) {
    if (only && only.life !== number) continue;
    await runLife(options, number, report);
    onProgress?.(report.images, report);
  }
  return report;
}

async function runLife(options: ImageRunOptions, number: number, report: ImageReport): Promise<void> {
  const { seed, imagesPerLife, only } = options;
  report.lives++;
  let life: StoreLife;
  try {
    life = await storeLife(mix(seed, number), options.isLyingDisk);
  } catch (error) {
    fail(report, `${seed}:${number}:0:${imagesPerLife}`, 'in the life itself', [String(error)]);
    return;
  }
  report.messages += life.sent.size;
  report.changes += life.disk.moment;
  for (let image = 0; image < imagesPerLife; image++) {
    if (only && only.image !== image) continue;
    const random = randomOf(seed, number, image + 2);
    const plan = planOf(random, life, image / imagesPerLife, imagesPerLife);
    let disk = crashImage(life.disk, plan);
    const isInterrupted = random.chance(0.2);
    if (isInterrupted) disk = await interruptRecovery(random, life, disk);
    const audit = await auditImage(life, plan, disk);
    const kind = kindOf(life, plan, isInterrupted);
    const count = (report.kinds[kind] ??= { images: 0, acked: 0, lost: 0, broken: 0, phantoms: 0, faulty: 0 });
    report.images++;
    count.images++;
    count.acked += audit.acked;
    count.lost += audit.lost;
    count.broken += audit.broken;
    count.phantoms += audit.phantoms;
    if (audit.faults.length === 0) continue;
    count.faulty++;
    fail(report, `${seed}:${number}:${image}:${imagesPerLife}`, JSON.stringify(plan), audit.faults);
  }
}

/** The moments of a life's images are spread over all of it. */
function planOf(random: Random, life: StoreLife, share: number, imagesPerLife: number): CrashPlan {
  const moment = Math.floor((share + random.next() / imagesPerLife) * (life.disk.moment + 1));
  return drawPlan(random, moment);
}

/** The machine stops once more while the store recovers. */
async function interruptRecovery(random: Random, life: StoreLife, image: MemoryDisk): Promise<MemoryDisk> {
  const disk = createRecordingDisk(image, () => 1 + random.below(2));
  await openImage(life, disk.boot());
  return crashImage(disk, drawPlan(random, random.below(disk.moment + 1)));
}

function kindOf(life: StoreLife, plan: CrashPlan, isInterrupted: boolean): string {
  const crash = plan.kind === 'kill' ? 'kill' : `power cut, ${plan.names} names`;
  const { flushDiskType, flushCommitLogDirect } = life.config;
  const isDirect = flushDiskType === 'SYNC_FLUSH' && flushCommitLogDirect;
  return `${flushDiskType}${isDirect ? ' direct' : ''}, ${crash}${isInterrupted ? ', again in recovery' : ''}`;
}

function mix(seed: number, number: number): number {
  return (seed * 100_003 + number) >>> 0;
}

function fail(report: ImageReport, image: string, plan: string, faults: readonly string[]): void {
  if (report.failures.length >= 20) return;
  report.failures.push({ replay: `CRASH_IMAGE=${image} npm run test:crash`, plan, faults: faults.slice(0, 5) });
}
