import { Logger } from '@nestjs/common';
import type { ActivityEntry } from '../activity/activity.js';
import type { Order, OrderStatus } from '../orders/order.js';

const orderCount = 200;
const requestsAtOnce = 8;
const deadline = 90_000;
const pollInterval = 100;
const mostRepeats = 300;

const customers = ['Ada', 'Blaise', 'Chen', 'Dilek', 'Emeka', 'Frida', 'Gaspard'];
const articles = ['apple', 'bread', 'cheese', 'dates', 'eggs', 'figs', 'grapes', 'honey', 'ink', 'jam'];

/** A row per duty, a column per kind of change. */
type Summary = Record<string, Record<string, number>>;

interface Change {
  readonly orderId: string;
  readonly revision: number;
  readonly kind: OrderStatus;
}

/**
 * Uses the shop as its customers do, through its HTTP door: places orders, changes some, cancels some, and waits until
 * every duty has seen every change. Resolves to whether that happened in time.
 */
export async function runDemo(url: string, print: (table: Summary) => void = console.table): Promise<boolean> {
  const log = new Logger('Demo');
  log.log(`Posting ${orderCount} orders to ${url}/orders`);
  const changes: Change[] = [];
  await inParallel(orderCount, requestsAtOnce, async (index) => {
    let order = await request<Order>(`${url}/orders`, 'POST', newOrder(index));
    changes.push(changeOf(order));
    if (index % 5 === 1) {
      order = await request<Order>(`${url}/orders/${order.id}`, 'PATCH', { items: itemsOf(index + 1) });
      changes.push(changeOf(order));
    }
    if (index % 10 === 2) {
      changes.push(changeOf(await request<Order>(`${url}/orders/${order.id}`, 'PATCH', { status: 'cancelled' })));
    }
  });
  log.log(`${changes.length} changes of orders are on their way`);
  const activity = await waitForAll(url, changes);
  print(summary(changes, activity));
  return isComplete(changes, activity);
}

const duties = ['stock', 'invoice', 'notification'];

async function waitForAll(url: string, changes: readonly Change[]): Promise<ActivityEntry[]> {
  const end = Date.now() + deadline;
  for (;;) {
    const activity = await request<ActivityEntry[]>(`${url}/activity`, 'GET');
    if (isComplete(changes, activity) || Date.now() > end) return activity;
    await pause(pollInterval);
  }
}

function isComplete(changes: readonly Change[], activity: readonly ActivityEntry[]): boolean {
  const seen = new Set(activity.map((entry) => `${entry.duty}/${entry.orderId}/${entry.revision}`));
  return duties.every((duty) => changes.every(({ orderId, revision }) => seen.has(`${duty}/${orderId}/${revision}`)));
}

/** A row per duty: how many changes of each kind it received, and how many it should have. */
function summary(changes: readonly Change[], activity: readonly ActivityEntry[]): Summary {
  const ours = new Set(changes.map(({ orderId }) => orderId));
  const count = (entries: readonly { kind: OrderStatus }[], kind: OrderStatus): number =>
    entries.filter((entry) => entry.kind === kind).length;
  const row = (entries: readonly { kind: OrderStatus }[]) => ({
    placed: count(entries, 'placed'),
    changed: count(entries, 'changed'),
    cancelled: count(entries, 'cancelled'),
    total: entries.length,
  });
  const received = duties.map((duty) => {
    return [duty, row(activity.filter((entry) => entry.duty === duty && ours.has(entry.orderId)))] as const;
  });
  return Object.fromEntries([...received, ['(made)', row(changes)]]);
}

function newOrder(index: number): object {
  return { customer: customers[index % customers.length], items: itemsOf(index) };
}

function itemsOf(index: number): object[] {
  return Array.from({ length: 1 + (index % 4) }, (_, i) => {
    return { article: articles[(index * 3 + i) % articles.length], quantity: 1 + ((index + i * 7) % 12) };
  });
}

function changeOf({ id, revision, status }: Order): Change {
  return { orderId: id, revision, kind: status };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function inParallel(count: number, width: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** A shop that cannot take an order now (503) is asked again, as it asks its customers to do. */
async function request<T>(url: string, method: string, body?: object): Promise<T> {
  const content = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  let response = await fetch(url, { method, ...content });
  for (let again = 0; response.status === 503 && again < mostRepeats; again++) {
    await response.body?.cancel();
    await pause(pollInterval);
    response = await fetch(url, { method, ...content });
  }
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
