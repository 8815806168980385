import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RocketMQListeners, RocketMQMessageListener, RocketMQTemplate } from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

@Injectable()
class Billing {
  readonly billed: string[] = [];
  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
  async bill(order: string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.billed.push(order);
  }
}

describe('the test entry', () => {
  it('waits for what handlers do, and for a group to have done all', async () => {
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Billing] });
    const testing = app.get(RocketMQTesting);
    const template = app.get(RocketMQTemplate);
    const { billed } = app.get(Billing);
    await template.send('orders', 'first');
    await testing.waitFor(() => expect(billed).toEqual(['first']));
    await Promise.all(Array.from({ length: 50 }, (_, i) => template.send('orders', `order ${i}`)));
    await testing.caughtUp('billing');
    expect(billed).toHaveLength(51);
    const sent = (await testing.collect('orders', 51)).map(({ payload }) => String(payload));
    expect(sent.toSorted()).toEqual(billed.toSorted());
    expect(await testing.waitFor(async () => billed[0])).toBe('first');
  });

  it('says what it has waited for in vain', async () => {
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Billing] });
    const testing = app.get(RocketMQTesting);
    const timeout = 50;
    await expect(testing.waitFor(() => false, { timeout })).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'waitFor: did not hold within 50 ms: it returned false',
    });
    const late = testing.waitFor(() => Promise.reject(new Error('not yet')), { timeout });
    await expect(late).rejects.toMatchObject({ cause: new Error('not yet') });
    await expect(testing.collect('orders', 1, { timeout })).rejects.toThrow(`Collected 0 of 1 messages of 'orders'`);
    await expect(testing.caughtUp('biling')).rejects.toThrow(`There is no consumer group 'biling'; groups: billing`);
    await testing.caughtUp('billing');
    app.get(RocketMQListeners).pause('billing');
    await app.get(RocketMQTemplate).send('orders', 'x');
    await expect(testing.caughtUp('billing', { timeout })).rejects.toThrow(
      /group 'billing' \(paused\) has 1 messages of 'orders' before it, 0 in flight/,
    );
  });
});
